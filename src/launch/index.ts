export { basicLauncher } from "./basic-launcher.ts";
export type { Callback, CallbackFactory, RunEvent } from "./callbacks.ts";
export { Callbacks, makeCallbacks } from "./callbacks.ts";
export { checkNames } from "./check-names.ts";
export { makeFolder } from "./claim-folder.ts";
export { errorFromRecord, errorRecord } from "./error-record.ts";
export type { LaunchErrorCode } from "./errors.ts";
export { LaunchError, LauncherFault } from "./errors.ts";
export { failurePolicy } from "./failure-policy.ts";
export { folderSetting, hydraMap, hydraSetting, hydraText } from "./hydra-settings.ts";
export { Interruption, interruptedExitCode, withInterrupts } from "./interrupt.ts";
export type {
  JobContext,
  JobOutcome,
  JobReport,
  JobResult,
  JobStatus,
  JobSweep,
  JobTask,
  LogLevel,
  PlannedJob,
  PreparedJob,
  ReportAnswer,
} from "./job.ts";
export { type ReadJobOptions, readJobFile, writeJobFile } from "./job-file.ts";
export { readReports } from "./job-reports.ts";
export type {
  Launcher,
  LauncherFactory,
  LauncherRequest,
  LaunchHooks,
  ProgramEntry,
  StartedJob,
} from "./launcher.ts";
export { findLauncher } from "./launcher-registry.ts";
export { type JobServer, serveJobs } from "./local/serve-jobs.ts";
export { folderHolder, lockFolder } from "./lock-folder.ts";
export {
  beginSweep,
  cancelFile,
  cancelSweep,
  isCancelled,
  lastWords,
  type OpenedSweep,
  resumeSweep,
} from "./open-sweep.ts";
export { isFinal, readOutcome, writeOutcome } from "./outcome-file.ts";
export type { OutputFolder } from "./output-folder.ts";
export { openOutputFolder } from "./output-folder.ts";
export { placeComposition } from "./place-composition.ts";
export { prepareJob } from "./prepare-job.ts";
export { outcomeOfEvent } from "./replay-log.ts";
export type { JobHost } from "./run-job.ts";
export { runJob } from "./run-job.ts";
export { jobLockFile, runJobOnce, unendedJob } from "./run-job-once.ts";
export { runSweep, type SweepEnd } from "./run-sweep.ts";
export { runArrayTask } from "./slurm/run-array-task.ts";
export { stopFile } from "./stop-file.ts";
export type { FactsEvent, SweepEvent, SweepHeader } from "./sweep-event.ts";
export { type LoggedSweep, logFile, mendLog, parseLine, readSweepLog, SweepLog } from "./sweep-log.ts";
export type { SweepRun } from "./sweep-run.ts";
export type { SweepSummary, SweepSummaryJob } from "./sweep-summary.ts";
export { summaryJson, summaryText } from "./sweep-summary.ts";
export { writeText } from "./write-text.ts";
