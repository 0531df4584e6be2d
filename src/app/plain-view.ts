import { formatDuration } from "../core/index.ts";
import type { JobOutcome } from "../launch/index.ts";
import { shownNumber } from "./shown-number.ts";
import type { SweepView } from "./sweep-view.ts";

/** A job that took longer than this has a line of its own when it ends. */
const WORTH_A_LINE_MS = 1000;

/** A sweep as lines, for logs: what starts, what is tried again, what took a while. */
export function plainView(write: (text: string) => void): SweepView {
  return {
    begin: () => {},
    restored: (outcomes) => write(`${outcomes.length} jobs had ended before\n`),
    started: ({ num, overrides }, attempt) => {
      const again = attempt > 1 ? `   (attempt ${attempt})` : "";
      write(`#${num}  ${overrides.join(" ")}${again}\n`);
    },
    reported: () => {},
    retried: (num, reason) => write(`#${num}  is tried again: ${reason}\n`),
    ended: (outcome) => {
      const took = durationOf(outcome);
      if (took >= WORTH_A_LINE_MS) write(`#${outcome.num}  ${endText(outcome)}, ${formatDuration(took)}\n`);
    },
    print: write,
    note: (line) => write(`note: ${line}\n`),
    close: () => {},
  };
}

/** `completed: 0.43`, `failed: …`. */
export function endText({ status, result, error }: JobOutcome): string {
  if (error !== undefined) return `${status}: ${error instanceof Error ? error.message : String(error)}`;
  return typeof result === "number" ? `${status}: ${shownNumber(result)}` : status;
}

function durationOf({ startedAt, endedAt }: JobOutcome): number {
  return startedAt === null || endedAt === null ? 0 : Date.parse(endedAt) - Date.parse(startedAt);
}
