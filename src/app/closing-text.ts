import { relative } from "node:path";
import type { JobOutcome } from "../launch/index.ts";
import type { Objective } from "../sweep/index.ts";
import { bestJob, bestText } from "./best-job.ts";
import { jobsTable } from "./jobs-table.ts";

/** A table longer than this is cut: all jobs stand in sweep.json. */
const MOST_ROWS = 100;

/** What a sweep's last words are made from, beside its outcomes. */
export interface ClosingFacts {
  /** The app's name, as the user types it. */
  readonly app: string;
  /** The sweep's folder, absolute. */
  readonly dir: string;
  /** What was optimised; undefined where points were only listed. */
  readonly objectives: readonly Objective[] | undefined;
  readonly cwd: string;
}

/** The table of the jobs, the best one where the sweep optimised, and the command that repeats it. */
export function closingText(outcomes: readonly JobOutcome[], facts: ClosingFacts): string {
  const shown = outcomes.length > MOST_ROWS ? outcomes.slice(-MOST_ROWS) : outcomes;
  const cut = outcomes.length - shown.length;
  const head = cut > 0 ? `the last ${MOST_ROWS} of ${outcomes.length} jobs; all are in sweep.json\n` : "";
  return `${head}${jobsTable(shown)}${bestLines(outcomes, facts)}`;
}

/** `best   #7  0.43  lr=0.001` and `again  app rerun DIR/7`; nothing where no job is the best. */
export function bestLines(outcomes: readonly JobOutcome[], { app, objectives, cwd }: ClosingFacts): string {
  const best = bestJob(outcomes, objectives);
  if (best === undefined) return "";
  const { dir } = best.outcome;
  const again = dir === null ? "" : `again  ${app} rerun ${relative(cwd, dir)}\n`;
  return `best   ${bestText(best)}\n${again}`;
}
