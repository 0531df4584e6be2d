import type { PlainValue } from "../config/index.ts";
import { pythonStr } from "../config/index.ts";
import { TtmError } from "../core/index.ts";
import type { Objective } from "../sweep/index.ts";
import { objectiveValues } from "../sweep/index.ts";
import { LaunchError } from "./errors.ts";
import type { JobOutcome } from "./job.ts";

/** A job whose process died is started again so often, where nothing else is said: it need not be the job's fault. */
const LOST_RETRIES = 3;

/** What becomes of a sweep when jobs fail. */
export interface FailurePolicy {
  /** How often a job that failed is tried again. */
  readonly retries: number;
  /** How often a job that was lost (its process died, its machine, its place in a queue) is started again. */
  readonly lostRetries: number;
  /** Whether the first failed job ends the sweep. */
  readonly failFast: boolean;
  /** The share of jobs that may fail, from 0 to 1; undefined: all of them. */
  readonly maxFailureRate: number | undefined;
}

type Settings = ReadonlyMap<string, PlainValue>;

/**
 * `hydra.launcher.{retries, lost_retries, fail_fast}` and `hydra.sweeper.max_failure_rate`.
 *
 * @throws {LaunchError} LAUNCH_SETTING
 */
export function failurePolicy(launcher: Settings, sweeper: Settings): FailurePolicy {
  return {
    retries: countSetting(launcher, "retries") ?? 0,
    lostRetries: countSetting(launcher, "lost_retries") ?? LOST_RETRIES,
    failFast: launcher.get("fail_fast") === true,
    maxFailureRate: rateSetting(sweeper.get("max_failure_rate")),
  };
}

/** Whether a job that ended so is started again, and why; `tried` are its earlier attempts by how they ended. */
export function retryReason(
  policy: FailurePolicy,
  outcome: JobOutcome,
  tried: { readonly failed: number; readonly lost: number },
): string | undefined {
  if (outcome.status !== "failed") return undefined;
  const lost = isLost(outcome);
  if (lost ? tried.lost >= policy.lostRetries : tried.failed >= policy.retries) return undefined;
  const { error } = outcome;
  const what = error instanceof Error ? error.message : String(error);
  return error instanceof TtmError ? `${error.code}: ${what}` : what;
}

/** Whether the job failed, or returned nothing that its sweep could optimise. */
export function countsAsFailed(
  { status, result }: Pick<JobOutcome, "status" | "result">,
  objectives: readonly Objective[] | undefined,
): boolean {
  if (status !== "completed" || objectives === undefined) return status === "failed";
  return "fault" in objectiveValues(result, objectives);
}

/** Whether the job's process ended without an outcome. */
export function isLost({ error }: JobOutcome): boolean {
  return error instanceof TtmError && error.code === "LAUNCH_JOB_LOST";
}

/** Why a sweep ends after a job that failed with `error`, and so many failures; undefined where it goes on. */
export function stopReason(
  policy: FailurePolicy,
  { error }: Pick<JobOutcome, "error">,
  { failed, ended, total }: { failed: number; ended: number; total: number | undefined },
): LaunchError | undefined {
  if (failed === 0) return undefined;
  // No other job would fare better.
  if (error instanceof LaunchError && error.code === "LAUNCH_WORKER") return error;
  if (policy.failFast) {
    return new LaunchError("LAUNCH_STOPPED", "a job failed, and the sweep is to stop at the first", {
      where: "hydra.launcher.fail_fast=true",
      fix: "mend the job, then go on: --resume DIR --retry-failed",
    });
  }
  const { maxFailureRate: rate } = policy;
  if (rate === undefined || failed <= rate * (total ?? ended)) return undefined;
  return new LaunchError(
    "LAUNCH_STOPPED",
    `${failed} of ${total ?? ended} jobs failed, more than max_failure_rate allows`,
    {
      where: `hydra.sweeper.max_failure_rate=${rate}`,
      fix: "mend the jobs, or allow more: hydra.sweeper.max_failure_rate=1.0",
    },
  );
}

function countSetting(settings: Settings, name: string): number | undefined {
  const value = settings.get(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value === "bigint" && value >= 0n) return Number(value);
  throw wrong(`hydra.launcher.${name}`, value, "a whole number from 0", `hydra.launcher.${name}=2`);
}

function rateSetting(value: PlainValue | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  const rate = typeof value === "bigint" ? Number(value) : value;
  if (typeof rate === "number" && rate >= 0 && rate <= 1) return rate;
  const key = "hydra.sweeper.max_failure_rate";
  throw wrong(key, value, "a share from 0 to 1", `${key}=0.1`);
}

function wrong(key: string, value: PlainValue, wanted: string, fix: string): LaunchError {
  return new LaunchError("LAUNCH_SETTING", `${key} must be ${wanted}, not ${pythonStr(value)}`, {
    where: key,
    fix,
  });
}
