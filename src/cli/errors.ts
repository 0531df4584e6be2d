import { TtmError } from "../core/index.ts";

export type CliErrorCode = "CLI_UNKNOWN_COMMAND" | "CLI_USAGE";

/** Words that no command takes. */
export class CliError extends TtmError<CliErrorCode> {}
