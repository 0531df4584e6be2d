import { TtmError } from "../core/index.ts";
import { isCode } from "./claim-folder.ts";
import { LaunchError, LauncherFault } from "./errors.ts";

/** A folder that cannot be made for its name: another job's can. */
const ofTheName = ["ENAMETOOLONG", "ENOTDIR", "EEXIST", "EINVAL"];

/**
 * What a launcher threw, as the fault of the launcher and not of the job: a disk that is full says nothing of the task, and a job
 * that is recorded as failed is never run again.
 */
export function launcherFault(error: unknown): LauncherFault {
  if (error instanceof LauncherFault) return error;
  const what = error instanceof Error ? error.message : String(error);
  const code = error instanceof LaunchError ? error.code : "LAUNCH_ENGINE";
  const { where, fix } = error instanceof TtmError ? error : { where: undefined, fix: undefined };
  return new LauncherFault(code, error instanceof LaunchError ? what : `the launcher failed: ${what}`, {
    where,
    fix: fix ?? "mend the cause, then resume the sweep: jobs that went on meanwhile are found again",
    cause: error,
  });
}

/** Whether what kept a job from its folder would keep every other from its own. */
export function isOfAllJobs(error: unknown): boolean {
  if (!(error instanceof LaunchError)) return false;
  return error.code === "LAUNCH_FOLDER" && !ofTheName.some((code) => isCode(error.cause, code));
}
