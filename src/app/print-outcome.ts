import type { JobOutcome } from "../launch/index.ts";
import { interruptedExitCode } from "../launch/index.ts";
import type { AppHost } from "./host.ts";
import { printFault } from "./print-fault.ts";

/** Says how a single job ended, where it did not end well, and returns the exit code. */
export function printOutcome({ status, overrides, error }: JobOutcome, host: AppHost): number {
  if (status === "completed" || status === "pruned") return 0;
  const verb = status === "interrupted" ? "was interrupted" : "failed";
  host.stderr(`the job ${verb}   ${overrides.join(" ")}\n`);
  const code = printFault(error, host);
  return status === "interrupted" ? interruptedExitCode : code;
}
