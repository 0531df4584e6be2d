import type { PlainValue } from "../config/index.ts";
import { pythonStr } from "../config/index.ts";
import { SweepError } from "./errors.ts";

/** A sweeper's own settings: the composed `hydra.sweeper` node, or a part of it. */
export type Settings = ReadonlyMap<string, PlainValue>;

export interface NumberBounds {
  readonly least: number;
  readonly most?: number;
  readonly whole?: boolean;
}

/**
 * A number among the settings; `otherwise` where it is absent or null.
 *
 * @throws {SweepError} SWEEP_SETTING for anything else, or out of bounds
 */
export function readNumber(
  settings: Settings,
  name: string,
  otherwise: number,
  { least, most = Number.POSITIVE_INFINITY, whole = true }: NumberBounds,
): number {
  const value = settings.get(name) ?? null;
  if (value === null) return otherwise;
  const number = typeof value === "bigint" ? Number(value) : value;
  const fits = typeof number === "number" && number >= least && number <= most;
  if (fits && (!whole || Number.isSafeInteger(number))) return number;
  const kind = whole ? "a whole number" : "a number";
  const range = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`;
  throw wrongSetting(name, value, `${kind} ${range}`, String(otherwise));
}

/** @throws {SweepError} SWEEP_SETTING for anything but true, false and null */
export function readFlag(settings: Settings, name: string, otherwise: boolean): boolean {
  const value = settings.get(name) ?? null;
  if (value === null) return otherwise;
  if (typeof value === "boolean") return value;
  throw wrongSetting(name, value, "true or false", String(otherwise));
}

/** A part that is a mapping; undefined where it is absent or null. */
export function readPart(settings: Settings, name: string): Settings | undefined {
  const value = settings.get(name) ?? null;
  if (value === null) return undefined;
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]): [string, PlainValue] => [pythonStr(key), item]));
  }
  throw wrongSetting(name, value, "a mapping", "{…}");
}

/** The fault of a setting that is not `wanted`. */
export function wrongSetting(name: string, value: PlainValue, wanted: string, example: string): SweepError {
  return new SweepError(
    "SWEEP_SETTING",
    `hydra.sweeper's ${name} must be ${wanted}, not ${pythonStr(value)}`,
    {
      where: `hydra.sweeper   ${name}: ${pythonStr(value)}`,
      fix: `for example ${name}: ${example}`,
    },
  );
}
