import type { JobOutcome } from "./job.ts";

/** What a sweeper hears of an outcome: what the task returned; of a pruned job the value that it reported last. */
export function pointValue({ status, result, lastReport }: JobOutcome): unknown {
  return status === "pruned" ? lastReport?.value : result;
}
