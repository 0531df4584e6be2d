import type { Scalar } from "../config/index.ts";
import type { Direction, Objective } from "./objectives.ts";
import { objectiveValues, readObjectives } from "./objectives.ts";
import type { Dimension } from "./space/dimension.ts";
import { readSearchSpace } from "./space/search-space.ts";
import type { RecordedOutcome, SweepRecord } from "./sweep-record.ts";

/** Optuna's numbers for operations, directions and states. */
const operations = { createStudy: 0, createTrial: 4 } as const;
const directions: Readonly<Record<Direction, number>> = { minimize: 1, maximize: 2 };
const states = { running: 0, complete: 1, pruned: 2, fail: 3 } as const;

const worker = "ttm";

export interface OptunaExport extends SweepRecord {
  /** The study's name. */
  readonly name: string;
}

/**
 * A sweep as a journal of Optuna's: `JournalStorage(JournalFileBackend(FILE))` loads it as one study, and `optuna-dashboard` shows
 * it. A trial for each job that started, in order; its `user_attrs.num` is the job's number. A job that is neither completed nor
 * pruned is a failed trial; one without an end still runs.
 *
 * @returns the file's text
 * @throws {SweepError} what reading the search space throws
 */
export function exportOptunaJournal({ name, request, outcomes }: OptunaExport): string {
  const objectives = readObjectives(request.settings);
  const { dimensions } = readSearchSpace(request);
  const study = {
    op_code: operations.createStudy,
    worker_id: worker,
    study_name: name,
    directions: objectives.map(({ direction }) => directions[direction]),
  };
  const trials = outcomes
    .filter(({ status }) => status !== "not_run")
    .toSorted((a, b) => (a.num ?? 0) - (b.num ?? 0))
    .map((outcome) => trialLine(outcome, dimensions, objectives));
  return [study, ...trials].map((line) => `${pythonJson(line)}\n`).join("");
}

function trialLine(
  outcome: RecordedOutcome,
  dimensions: readonly Dimension[],
  objectives: readonly Objective[],
): Readonly<Record<string, unknown>> {
  const placed = dimensions.flatMap((dimension) => {
    const value = dimension.valueIn(outcome.params);
    return value === undefined ? [] : [{ dimension, value }];
  });
  const reports = outcome.reports ?? [];
  const { state, values } = stateOf(outcome, objectives);
  return {
    op_code: operations.createTrial,
    worker_id: worker,
    study_id: 0,
    datetime_start: pythonTime(outcome.startedAt),
    ...(outcome.endedAt === null ? {} : { datetime_complete: pythonTime(outcome.endedAt) }),
    state: states[state],
    value: values.length === 1 ? values[0] : null,
    values: values.length > 1 ? values : null,
    distributions: Object.fromEntries(
      placed.map(({ dimension }) => [dimension.name, pythonJson(distributionOf(dimension))]),
    ),
    params: Object.fromEntries(placed.map(({ dimension, value }) => [dimension.name, value])),
    user_attrs: { num: outcome.num },
    system_attrs: {},
    intermediate_values: Object.fromEntries(reports.map(({ step, value }) => [step, value])),
  };
}

function stateOf(
  { status, result, reports }: RecordedOutcome,
  objectives: readonly Objective[],
): { readonly state: keyof typeof states; readonly values: readonly number[] } {
  if (status === "pruned") {
    const last = reports?.at(-1)?.value;
    return { state: "pruned", values: last === undefined || Number.isNaN(last) ? [] : [last] };
  }
  if (status === "running") return { state: "running", values: [] };
  if (status !== "completed") return { state: "fail", values: [] };
  const values = objectiveValues(result, objectives);
  return "fault" in values ? { state: "fail", values: [] } : { state: "complete", values };
}

function distributionOf({ distribution, choices }: Dimension): Readonly<Record<string, unknown>> {
  if (distribution.kind === "categorical") {
    return { name: "CategoricalDistribution", attributes: { choices: choices.map(plainChoice) } };
  }
  const { kind, log, step, low, high } = distribution;
  const name = kind === "int" ? "IntDistribution" : "FloatDistribution";
  return { name, attributes: { log, step, low, high } };
}

function plainChoice(choice: Scalar): Exclude<Scalar, bigint> {
  return typeof choice === "bigint" ? Number(choice) : choice;
}

/** ISO 8601 with microseconds and an offset in digits, which every Python reads. */
function pythonTime(time: string | null): string | null {
  return time === null ? null : new Date(time).toISOString().replace("Z", "000+00:00");
}

/** JSON as Python writes and reads it: NaN, Infinity and -Infinity are numbers there. */
function pythonJson(value: unknown): string {
  const mark = (_key: string, item: unknown) =>
    typeof item === "number" && !Number.isFinite(item) ? `\u0000${item}` : item;
  return JSON.stringify(value, mark).replace(/"\\u0000(-?Infinity|NaN)"/g, "$1");
}
