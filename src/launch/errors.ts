import { TtmError } from "../core/index.ts";

export type LaunchErrorCode =
  /** An output folder cannot be made or written. */
  | "LAUNCH_FOLDER"
  /** A name of the hydra node leads out of the run's folder. */
  | "LAUNCH_NAME"
  /** Another live run writes to the folder that the user named. */
  | "LAUNCH_FOLDER_IN_USE"
  /** `hydra.launcher._target_` names no registered launcher. */
  | "LAUNCH_UNKNOWN_LAUNCHER"
  /** `hydra.callbacks.…._target_` names no registered callback. */
  | "LAUNCH_UNKNOWN_CALLBACK"
  /** A part of the hydra node that running needs has the wrong kind. */
  | "LAUNCH_SETTING"
  /** The task returned what JSON cannot hold. */
  | "LAUNCH_RESULT"
  /** A folder that holds no prepared job. */
  | "LAUNCH_NO_JOB"
  /** A job's process ended without saying how the job ended. */
  | "LAUNCH_JOB_LOST"
  /** A job's process could not be started, or did not answer. */
  | "LAUNCH_WORKER"
  /** Another live process runs the very job. */
  | "LAUNCH_JOB_RUNNING"
  /** A task reported something else than a number and a step. */
  | "LAUNCH_REPORT"
  /** A folder that holds no sweep, or a log that cannot be read. */
  | "LAUNCH_NO_SWEEP"
  /** A sweep that is resumed under other words or another sweeper. */
  | "LAUNCH_OTHER_SWEEP"
  /** A sweep that would begin where an unfinished one has its log. */
  | "LAUNCH_UNFINISHED"
  /** The launcher itself failed, and with it all jobs that were out. */
  | "LAUNCH_ENGINE"
  /** Nothing runs, nothing ends, and the sweep is not done. */
  | "LAUNCH_STALLED"
  /** More jobs failed than the sweep allows: it stops. */
  | "LAUNCH_STOPPED"
  /** A key of a Slurm launcher's `hydra.launcher` has the wrong kind, or is none. */
  | "LAUNCH_SLURM_SETTING"
  /** Slurm's commands are not here. */
  | "LAUNCH_SLURM_MISSING"
  /** `sbatch` took no job. */
  | "LAUNCH_SLURM_REFUSED"
  /** A job waits in the queue for what will never be. */
  | "LAUNCH_SLURM_STUCK"
  /** Ctrl-C or a termination signal. */
  | "LAUNCH_INTERRUPTED";

/** A fault in making or running jobs. */
export class LaunchError extends TtmError<LaunchErrorCode> {}

/** Why a launcher can run no job at all: its settings, or its engine. The sweep is broken off and can be resumed. */
export class LauncherFault extends LaunchError {}
