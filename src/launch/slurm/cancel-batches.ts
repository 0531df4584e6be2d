import { LauncherFault } from "../errors.ts";
import { type Batch, isFresh } from "./batch-store.ts";
import { cancelByName } from "./cancel-tasks.ts";
import { indexRanges } from "./index-ranges.ts";
import type { QueuedTask } from "./read-squeue.ts";
import type { SlurmCommands } from "./slurm-commands.ts";
import { taskStage } from "./task-state.ts";

/** Longer than an array may be on its way from an `sbatch` that was killed. */
const TRIES = 6;
const PAUSE_MS = 5_000;

export interface CancelParts {
  readonly commands: SlurmCommands;
  sleep(ms: number): Promise<void>;
}

/**
 * Cancels what a launcher that is gone has left in the queue. Arrays are found by their names, so also one whose submission had no
 * clear answer.
 *
 * @throws {LauncherFault} LAUNCH_ENGINE where the controller does not answer
 */
export async function cancelBatches(
  batches: readonly Batch[],
  { commands, sleep }: CancelParts,
): Promise<void> {
  const names = batches.map(({ jobName }) => jobName);
  if (names.length === 0) return;
  for (let tries = 0; tries <= TRIES; tries++) {
    if (tries > 0) await sleep(PAUSE_MS);
    const tasks = await commands.queue(names);
    if (tasks === undefined) continue;
    const live = tasks.filter(({ state }) => taskStage(state) !== "ended");
    const isTaken = live.length === 0 || (await commands.cancel(taskWords(live)));
    if (isTaken && batches.every((batch) => isSettled(batch, tasks))) return;
  }
  throw new LauncherFault(
    "LAUNCH_ENGINE",
    "Slurm does not answer, and the sweep's jobs may be in its queue",
    {
      where: "hydra.launcher",
      fix: `cancel again when it is back, or by hand: ${cancelByName(names)}`,
    },
  );
}

/** Whether nothing of the batch can come into the queue any more. */
function isSettled(batch: Batch, tasks: readonly QueuedTask[]): boolean {
  const isKnown = batch.arrayId !== undefined || tasks.some(({ jobName }) => jobName === batch.jobName);
  return isKnown || !isFresh(batch);
}

function taskWords(tasks: readonly QueuedTask[]): readonly string[] {
  const byArray = new Map<string, number[]>();
  for (const { arrayId, index } of tasks) byArray.set(arrayId, [...(byArray.get(arrayId) ?? []), index]);
  return [...byArray].map(([arrayId, indices]) => `${arrayId}_[${indexRanges(indices)}]`);
}
