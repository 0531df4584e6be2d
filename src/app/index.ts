// The door `ttm/config`: everything that an app is written with.
export * from "../config/index.ts";
export type {
  Callback,
  CallbackFactory,
  JobContext,
  JobOutcome,
  JobReport,
  JobResult,
  JobStatus,
  JobSweep,
  Launcher,
  LauncherFactory,
  LauncherRequest,
  LaunchHooks,
  LogLevel,
  PreparedJob,
  ProgramEntry,
  ReportAnswer,
  RunEvent,
  SweepSummary,
  SweepSummaryJob,
} from "../launch/index.ts";
export { basicLauncher, LaunchError } from "../launch/index.ts";
export type {
  Objective,
  PointOutcome,
  Sweeper,
  SweeperFactory,
  SweepPoint,
  SweepRequest,
} from "../sweep/index.ts";
export { SweepError } from "../sweep/index.ts";
export type { AppOptions, StartedSweep, SweepCompanion } from "./app-settings.ts";
export { type BestJob, bestJob } from "./best-job.ts";
export { bestLines, type ClosingFacts } from "./closing-text.ts";
export { commandNames } from "./command-list.ts";
export type { App, AppTask } from "./define-app.ts";
export { defineApp } from "./define-app.ts";
export type { AppErrorCode } from "./errors.ts";
export { AppError } from "./errors.ts";
export type { AppHost } from "./host.ts";
export { processHost } from "./host.ts";
export { jobsTable } from "./jobs-table.ts";
export { noBorders } from "./no-borders.ts";
export { printFault } from "./print-fault.ts";
export type { RunningSweep, SweepResult } from "./program-sweep.ts";
