import { TtmError } from "../core/index.ts";

export type AppErrorCode =
  /** A word that starts with `-` and is no flag. */
  | "APP_UNKNOWN_FLAG"
  /** A flag without its value, with one that it does not take, or with a wrong one. */
  | "APP_FLAG_VALUE"
  /** Flags that exclude each other, or one without the flag that it goes with. */
  | "APP_FLAG_CONFLICT"
  /** `--package`, `--explain` or `--query` names nothing in the config. */
  | "APP_NO_SUCH_KEY"
  /** A word in front that is nearly a command. */
  | "APP_UNKNOWN_COMMAND"
  /** A command without what it needs, or with too much. */
  | "APP_COMMAND_USAGE"
  /** A folder that holds no saved run. */
  | "APP_NO_SAVED_RUN"
  /** The app has no schema, or the schema nothing for a group. */
  | "APP_NO_SCHEMA";

/** A fault in how the program was called. */
export class AppError extends TtmError<AppErrorCode> {}

/** Faults of what the words name, not of the words. */
const contentCodes: ReadonlySet<AppErrorCode> = new Set([
  "APP_NO_SUCH_KEY",
  "APP_NO_SAVED_RUN",
  "APP_NO_SCHEMA",
]);

/** Exit code: 130 for an interrupt, 2 for a wrong command line, 1 for any other fault of a user. */
export function exitCodeOf(error: TtmError): number {
  if (error.code === "LAUNCH_INTERRUPTED") return 130;
  return error instanceof AppError && !contentCodes.has(error.code) ? 2 : 1;
}
