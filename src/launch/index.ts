export { basicLauncher } from "./basic-launcher.ts";
export type { Callback, CallbackFactory, RunEvent } from "./callbacks.ts";
export { Callbacks, makeCallbacks } from "./callbacks.ts";
export { makeFolder } from "./claim-folder.ts";
export type { LaunchErrorCode } from "./errors.ts";
export { LaunchError } from "./errors.ts";
export { folderSetting, hydraMap, hydraSetting, hydraText } from "./hydra-settings.ts";
export { interruptedExitCode, withInterrupts } from "./interrupt.ts";
export type {
  JobContext,
  JobOutcome,
  JobResult,
  JobStatus,
  JobSweep,
  JobTask,
  LogLevel,
  PlannedJob,
  PreparedJob,
} from "./job.ts";
export type { Launcher, LauncherFactory, LauncherRequest } from "./launcher.ts";
export { findLauncher } from "./launcher-registry.ts";
export type { OutputFolder } from "./output-folder.ts";
export { openOutputFolder } from "./output-folder.ts";
export { placeComposition } from "./place-composition.ts";
export { prepareJob, writeText } from "./prepare-job.ts";
export type { JobHost } from "./run-job.ts";
export { runJob } from "./run-job.ts";
export type { SweepRun } from "./run-sweep.ts";
export { runSweep } from "./run-sweep.ts";
export type { SweepSummary, SweepSummaryJob } from "./sweep-summary.ts";
export { summaryText } from "./sweep-summary.ts";
