import { TtmError } from "../core/index.ts";

export type LaunchErrorCode =
  /** An output folder cannot be made or written. */
  | "LAUNCH_FOLDER"
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
  /** Ctrl-C or a termination signal. */
  | "LAUNCH_INTERRUPTED";

/** A fault in making or running jobs. */
export class LaunchError extends TtmError<LaunchErrorCode> {}
