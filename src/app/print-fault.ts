import { formatError, TtmError, TtmErrors } from "../core/index.ts";
import { exitCodeOf } from "./errors.ts";
import type { AppHost } from "./host.ts";

/**
 * Prints what was thrown and says which exit code it means. A user's faults are printed without a stack, all of them;
 * TTM_FULL_ERROR=1 (or HYDRA_FULL_ERROR=1) adds it. Anything else is a program's bug and is printed whole.
 */
export function printFault(fault: unknown, host: AppHost): number {
  const known = userFaults(fault);
  if (known.length === 0) {
    host.stderr(`${fullText(fault)}\n`);
    return 1;
  }
  const isFull = [host.env["TTM_FULL_ERROR"], host.env["HYDRA_FULL_ERROR"]].includes("1");
  for (const error of known) host.stderr(`${formatError(error)}\n${isFull ? `${fullText(error)}\n` : ""}`);
  return Math.max(...known.map(exitCodeOf));
}

function userFaults(fault: unknown): readonly TtmError[] {
  if (fault instanceof TtmError) return [fault];
  return fault instanceof TtmErrors ? fault.errors : [];
}

function fullText(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  const cause = fault.cause === undefined ? "" : `\ncaused by ${fullText(fault.cause)}`;
  return `${fault.stack ?? fault.message}${cause}`;
}
