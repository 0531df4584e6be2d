import type { SweepEvent } from "./sweep-event.ts";

/** The events with which a log goes on whose failed jobs are to be run again. */
export function reopenFailed(
  events: readonly SweepEvent[],
  now: Date,
): readonly Extract<SweepEvent, { event: "reopened" }>[] {
  const failed = new Set<number>();
  for (const event of events) {
    if (event.event === "reopened") failed.delete(event.num);
    if (event.event === "ended" && event.status === "failed") failed.add(event.num);
    else if (event.event === "ended") failed.delete(event.num);
  }
  return [...failed].map((num) => ({ event: "reopened", num, at: now.toISOString() }));
}
