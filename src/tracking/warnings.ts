import { formatError, TtmError } from "../core/index.ts";
import { TrackingError, type TrackingErrorCode } from "./errors.ts";

/** Receives what went wrong while training goes on. */
export type OnWarning = (warning: TtmError) => void;

/** Prints a warning on standard error, in the form of an error. */
export const printWarning: OnWarning = (warning) => {
  process.stderr.write(`${formatError(warning).replace(/^error/, "warning")}\n`);
};

/** Any thrown thing as a TtmError: one that is none already becomes the cause of a new one. */
export function asTtmError(fault: unknown, code: TrackingErrorCode, what: string): TtmError {
  if (fault instanceof TtmError) return fault;
  const reason = fault instanceof Error ? fault.message : String(fault);
  return new TrackingError(code, `${what}: ${reason}`, { cause: fault });
}

/** Calls `onWarning` so that a fault inside it never reaches training. */
export function warnSafely(onWarning: OnWarning, warning: TtmError): void {
  try {
    onWarning(warning);
  } catch {
    printWarning(warning);
  }
}
