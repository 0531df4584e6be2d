import { indexRanges } from "./index-ranges.ts";
import type { QueuedJob } from "./queued-job.ts";
import type { SlurmCommands } from "./slurm-commands.ts";

/**
 * Cancels exactly the tasks of these jobs, in one call.
 *
 * @returns whether the controller took the order; then each job knows that it is cancelled
 */
export async function cancelTasks(jobs: readonly QueuedJob[], commands: SlurmCommands): Promise<boolean> {
  const byArray = new Map<string, number[]>();
  for (const { place } of jobs) {
    if (place?.batch.arrayId === undefined) continue;
    const { arrayId } = place.batch;
    byArray.set(arrayId, [...(byArray.get(arrayId) ?? []), place.index]);
  }
  const words = [...byArray].map(([arrayId, indices]) => `${arrayId}_[${indexRanges(indices)}]`);
  if (words.length > 0 && !(await commands.cancel(words))) return false;
  for (const job of jobs) {
    job.isCancelled = true;
    job.watch.cancelled();
  }
  return true;
}

/** What a person types to cancel arrays by their names: `scancel` takes one name at a time. */
export function cancelByName(jobNames: readonly string[]): string {
  return jobNames.map((name) => `scancel --name=${name}`).join("; ");
}
