import type { PlainValue } from "../config/index.ts";
import { pythonStr } from "../config/index.ts";
import { SweepError } from "./errors.ts";

export type Direction = "minimize" | "maximize";

/** One number that a sweep optimises. */
export interface Objective {
  readonly direction: Direction;
  /** Which of the named values that a task returns; undefined where it returns the number itself. */
  readonly metric: string | undefined;
}

type Settings = ReadonlyMap<string, PlainValue>;

/**
 * `hydra.sweeper.direction` (one, or a list for several objectives; minimize if left out) with `hydra.sweeper.metric`
 * (one name, or as many as there are directions).
 *
 * @throws {SweepError} SWEEP_SETTING
 */
export function readObjectives(settings: Settings): Objective[] {
  const directions = listOf(settings.get("direction") ?? settings.get("directions") ?? "minimize").map(
    direction,
  );
  const metrics = listOf(settings.get("metric") ?? null);
  if (metrics.length === 0) return directions.map((one) => ({ direction: one, metric: undefined }));
  if (metrics.length !== directions.length) {
    throw new SweepError(
      "SWEEP_SETTING",
      `hydra.sweeper.metric names ${metrics.length}, hydra.sweeper.direction ${directions.length}`,
      { where: "hydra.sweeper.metric", fix: "give one direction for each metric, in the same order" },
    );
  }
  return directions.map((one, index) => ({ direction: one, metric: pythonStr(metrics[index] ?? null) }));
}

function listOf(value: PlainValue): readonly PlainValue[] {
  if (value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function direction(value: PlainValue): Direction {
  if (value === "minimize" || value === "maximize") return value;
  throw new SweepError("SWEEP_SETTING", `hydra.sweeper.direction cannot be ${pythonStr(value)}`, {
    where: "hydra.sweeper.direction",
    fix: "hydra.sweeper.direction=minimize or maximize; a list of them for several objectives",
  });
}

/** A point's objectives, one number each, or why there are none. */
export type ObjectiveValues = readonly number[] | { readonly fault: string };

/**
 * What a task returned, as the objectives. One objective takes a number, an object with the metric, or an object with one
 * number in it; several take a list of numbers, or an object with the metrics (without names: its first numbers).
 * Not-a-number and a value that is missing are faults: such a point counts as failed.
 */
export function objectiveValues(result: unknown, objectives: readonly Objective[]): ObjectiveValues {
  const found = objectives.map((objective, index) =>
    objectiveValue(result, objective, index, objectives.length),
  );
  const values = found.filter((value) => typeof value === "number");
  const fault = found.find((value) => typeof value === "string");
  return fault === undefined ? values : { fault };
}

function objectiveValue(
  result: unknown,
  { metric }: Objective,
  index: number,
  count: number,
): number | string {
  const value = pick(result, metric, index, count);
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number" && !Number.isNaN(value)) return value;
  const name = metric ?? (count > 1 ? `objective ${index}` : "the objective");
  if (typeof value === "number") return `${name} is not a number (nan)`;
  return missingText(result, name);
}

function pick(result: unknown, metric: string | undefined, index: number, count: number): unknown {
  if (Array.isArray(result)) return result[index];
  if (typeof result !== "object" || result === null) return count === 1 ? result : undefined;
  if (metric !== undefined) return Object.hasOwn(result, metric) ? Reflect.get(result, metric) : undefined;
  const numbers = Object.values(result).filter((value) => typeof value === "number");
  return numbers.length === count ? numbers[index] : undefined;
}

function missingText(result: unknown, name: string): string {
  if (result === undefined || result === null) return "the task returned nothing";
  if (typeof result !== "object") return `the task returned ${String(result)}, which is no number`;
  const names = Object.entries(result).flatMap(([key, value]) => (typeof value === "number" ? [key] : []));
  return `${name} is not among what the task returned (${names.join(", ")}); name one: hydra.sweeper.metric=…`;
}
