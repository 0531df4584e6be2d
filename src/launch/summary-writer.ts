import { join } from "node:path";
import type { JobOutcome } from "./job.ts";
import type { SweepRun } from "./sweep-run.ts";
import { type SweepSummary, summaryJob, summaryText } from "./sweep-summary.ts";
import { writeText } from "./write-text.ts";

/** `sweep.json` is rewritten at most this often while jobs run, and never for more than a small part of the time. */
const INTERVAL_MS = 1000;
const SHARE = 50;

/** Keeps `sweep.json`, which is for readers; what a resumed sweep goes by is the log. */
export class SummaryWriter {
  readonly #run: SweepRun;
  readonly #outcomes: () => readonly JobOutcome[];
  readonly #startedAt: string;
  #nextWrite = 0;

  constructor(run: SweepRun, outcomes: () => readonly JobOutcome[]) {
    this.#run = run;
    this.#outcomes = outcomes;
    this.#startedAt = run.startedAt;
  }

  writeSometimes(): void {
    if (performance.now() >= this.#nextWrite) this.write("running", null);
  }

  write(status: SweepSummary["status"], endedAt: string | null): SweepSummary {
    const begun = performance.now();
    const summary: SweepSummary = {
      status,
      dir: this.#run.folder.dir,
      overrides: this.#run.overrides,
      started_at: this.#startedAt,
      ended_at: endedAt,
      total: this.#run.sweeper.total ?? null,
      jobs: this.#outcomes().map(summaryJob),
    };
    writeText(join(this.#run.folder.dir, "sweep.json"), summaryText(summary));
    const now = performance.now();
    this.#nextWrite = now + Math.max(INTERVAL_MS, SHARE * (now - begun));
    return summary;
  }
}
