import { TtmError } from "../core/index.ts";

export type AppErrorCode =
  /** A word that starts with `-` and is no flag. */
  | "APP_UNKNOWN_FLAG"
  /** A flag without its value, with one that it does not take, or with a wrong one. */
  | "APP_FLAG_VALUE"
  /** Flags that exclude each other, or one without the flag that it goes with. */
  | "APP_FLAG_CONFLICT"
  /** `--package` or `--explain` names nothing in the config. */
  | "APP_NO_SUCH_KEY";

/** A fault in how the program was called. */
export class AppError extends TtmError<AppErrorCode> {}

/** Exit code: 2 for a wrong command line, 1 for any other fault of a user. */
export function exitCodeOf(error: TtmError): number {
  return error instanceof AppError && error.code !== "APP_NO_SUCH_KEY" ? 2 : 1;
}
