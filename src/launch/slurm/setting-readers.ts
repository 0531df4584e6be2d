import type { PlainValue } from "../../config/index.ts";
import { pythonRepr, pythonStr } from "../../config/index.ts";
import { LaunchError } from "../errors.ts";

/** Reads the value of one key of `hydra.launcher`; throws LAUNCH_SLURM_SETTING. */
export type Reader<T> = (key: string, value: PlainValue) => T;

function fault(key: string, value: PlainValue, expected: string, example: string): LaunchError {
  return new LaunchError(
    "LAUNCH_SLURM_SETTING",
    `hydra.launcher.${key} must be ${expected}, not ${pythonRepr(value)}`,
    {
      where: `hydra.launcher.${key}`,
      fix: `hydra.launcher.${key}=${example}`,
    },
  );
}

function number(value: PlainValue): number {
  return typeof value === "bigint" || typeof value === "number" ? Number(value) : Number.NaN;
}

const text: Reader<string> = (key, value) => {
  const words = typeof value === "object" ? "" : pythonStr(value);
  if (words === "" || /[\n\r\0]/.test(words)) throw fault(key, value, "one line of text", "TEXT");
  return words;
};

const count: Reader<number> = (key, value) => {
  const whole = number(value);
  if (!Number.isSafeInteger(whole) || whole < 1) throw fault(key, value, "a whole number from 1 on", "1");
  return whole;
};

const amount: Reader<number> = (key, value) => {
  const size = number(value);
  if (!(size >= 0 && Number.isFinite(size))) throw fault(key, value, "a number from 0 on", "10");
  return size;
};

/** GB as submitit counts them, in MiB as Slurm does: `0.5` is `512M`. */
const gigabytes: Reader<string> = (key, value) => {
  const size = number(value);
  if (!(size > 0 && Number.isFinite(size))) throw fault(key, value, "a number of GB above 0", "4");
  return Number.isInteger(size) ? `${size}G` : `${Math.ceil(size * 1024)}M`;
};

const flag: Reader<boolean> = (key, value) => {
  if (typeof value !== "boolean") throw fault(key, value, "true or false", "true");
  return value;
};

const lines: Reader<readonly string[]> = (key, value) => {
  if (typeof value === "string") return [value];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw fault(key, value, "a list of lines", "'[module load node]'");
};

const map: Reader<ReadonlyMap<string, PlainValue>> = (key, value) => {
  if (!(value instanceof Map)) throw fault(key, value, "a mapping", "'{reservation: NAME}'");
  return new Map([...value].map(([name, item]): [string, PlainValue] => [pythonStr(name), item]));
};

/** A null, or a key that is not there, is undefined. */
function optional<T>(read: Reader<T>): (key: string, value: PlainValue | undefined) => T | undefined {
  return (key, value) => (value === undefined || value === null ? undefined : read(key, value));
}

export const readers = { text, count, amount, gigabytes, flag, lines, map, optional } as const;
