import { relative } from "node:path";
import { bestJob, bestLines, type ClosingFacts, type JobOutcome, jobsTable } from "../app/index.ts";

/** What all jobs of a sweep share stands under the table, not in it. */
const shared = { zero_shot_test_mse: "zero-shot", naive_test_mse: "seasonal naive" } as const;

/** A table longer than this is cut. */
const MOST_ROWS = 100;

/**
 * What a sweep ends with: a row a job with its values and errors, what all jobs were measured against, the best job and the
 * command to do next.
 */
export function sweepTable(all: readonly JobOutcome[], facts: ClosingFacts): string {
  const outcomes = all.slice(-MOST_ROWS);
  const names = shortNames([...new Set(outcomes.flatMap(({ params }) => Object.keys(params)))]);
  const common = Object.keys(shared).filter((name) => new Set(metricsIn(outcomes, name)).size === 1);
  const rows = outcomes.map((outcome) => ({
    ...outcome,
    params: renamed(outcome.params, names),
    result: typeof outcome.result === "object" ? without(outcome.result, common) : outcome.result,
  }));
  const lines = [
    ...Object.entries(shared)
      .filter(([name]) => common.includes(name))
      .map(([name, label]) => `${label}: test_mse ${metricsIn(outcomes, name)[0]?.toPrecision(6)}`),
  ];
  const cut =
    all.length > outcomes.length
      ? `the last ${MOST_ROWS} of ${all.length} jobs; all are in sweep.json\n`
      : "";
  const text = lines.map((line) => `${line}\n`).join("");
  return `\n${cut}${jobsTable(rows)}${text}${bestLines(all, facts)}${nextLine(all, facts)}`;
}

function nextLine(outcomes: readonly JobOutcome[], { objectives, cwd }: ClosingFacts): string {
  const dir = bestJob(outcomes, objectives)?.outcome.dir;
  return dir === undefined || dir === null ? "" : `next   ttm evaluate ${relative(cwd, dir)}\n`;
}

function metricOf({ result }: JobOutcome, name: string): number | undefined {
  const value = typeof result === "object" ? result[name] : undefined;
  return typeof value === "number" ? value : undefined;
}

function metricsIn(outcomes: readonly JobOutcome[], name: string): number[] {
  return outcomes.flatMap((outcome) => metricOf(outcome, name) ?? []);
}

/** `training.learning_rate` is `learning_rate`, where no other key ends so. */
function shortNames(keys: readonly string[]): ReadonlyMap<string, string> {
  const end = (key: string) => key.slice(key.lastIndexOf(".") + 1);
  const ends = keys.map(end);
  return new Map(
    keys.map((key) => [key, ends.filter((other) => other === end(key)).length === 1 ? end(key) : key]),
  );
}

function renamed(
  params: Readonly<Record<string, string>>,
  names: ReadonlyMap<string, string>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [names.get(key) ?? key, value]));
}

function without(
  record: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}
