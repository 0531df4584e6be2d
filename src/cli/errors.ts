import { TtmError } from "../core/index.ts";

export type CliErrorCode = "CLI_UNKNOWN_COMMAND" | "CLI_USAGE" | "CLI_NO_RUNS" | "CLI_NOT_CONFIRMED";

/** Words that no command takes, and words that name nothing. */
export class CliError extends TtmError<CliErrorCode> {}
