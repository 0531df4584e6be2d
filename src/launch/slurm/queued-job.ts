import type { JobOutcome, JobReport } from "../job.ts";
import type { ReportReader } from "../job-reports.ts";
import type { LaunchHooks } from "../launcher.ts";
import { isFinal, readOutcome } from "../outcome-file.ts";
import type { Batch } from "./batch-store.ts";
import type { Retry } from "./retry.ts";
import type { TaskWatch } from "./task-watch.ts";

/** Where a job is in the queue. */
export interface QueuePlace {
  batch: Batch;
  readonly index: number;
}

/** A job of ours between `launch` (or `adopt`) and its outcome. */
export interface QueuedJob {
  readonly num: number | null;
  /** Absolute. */
  readonly dir: string;
  readonly sweepId: string | undefined;
  readonly attempt: number;
  readonly overrides: readonly string[];
  readonly params: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly hooks: LaunchHooks;
  readonly watch: TaskWatch;
  readonly reports: ReportReader;
  /** Reports that were read and not handed on yet. */
  readonly unheard: JobReport[];
  /** When its files may be looked at again, where the disk failed. */
  readonly retry: Retry;
  /** Taken over from an earlier process: it is never submitted again, and has no outcome where it is lost. */
  readonly isAdopted: boolean;
  settle(outcome: JobOutcome | undefined): void;
  /** Ends it without an outcome, because no job can be run. */
  fail(error: unknown): void;
  /** undefined until it is part of a batch. */
  place: QueuePlace | undefined;
  stage: "new" | "waiting" | "running";
  isCancelled: boolean;
  /** The step of the last report that was handed on. */
  lastStep: number;
}

/** The outcome that ends the job, as its folder has it. An interrupted task is none: it starts again, or is lost. */
export function foundOutcome(job: QueuedJob): JobOutcome | undefined {
  const outcome = readOutcome(job.dir, job.sweepId);
  if (outcome === undefined || isFinal(outcome)) return outcome;
  const isOurs = (outcome.attempt ?? 1) >= job.attempt;
  return isOurs && (outcome.status === "failed" || job.isCancelled) ? outcome : undefined;
}

/** An outcome that the launcher gives, because the job gave none. */
export function givenOutcome(job: QueuedJob, status: "failed" | "interrupted", error: unknown): JobOutcome {
  const { num, overrides, params, dir, attempt } = job;
  return {
    num,
    overrides,
    params,
    dir,
    attempt,
    status,
    error,
    result: undefined,
    startedAt: null,
    endedAt: null,
  };
}

/** The job's task as a person types it: `12_3`. */
export function taskName({ place }: QueuedJob): string {
  return `${place?.batch.arrayId ?? "?"}_${place?.index ?? "?"}`;
}
