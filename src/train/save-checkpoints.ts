import { type CheckpointState, writeCheckpoint } from "./checkpoint.ts";
import type { TrainingCallback, TrainingControl } from "./training-callback.ts";

export interface SaveCheckpointsOptions {
  /** Replaced each time, whole or not at all. */
  readonly file: string;
  /** Says what is trained, see `Checkpoint`. */
  readonly fingerprint: string;
  /** Also after every so many steps; null: only after epochs and where training is aborted. */
  readonly everySteps: number | null;
}

/** Keeps a checkpoint of the last epoch, of every n-th step, and of the step after which training was aborted. */
export function saveCheckpoints({ file, fingerprint, everySteps }: SaveCheckpointsOptions): TrainingCallback {
  let saved = 0;
  const save = async ({ checkpoint }: TrainingControl) => {
    const state: CheckpointState = await checkpoint();
    await writeCheckpoint(file, { ...state, fingerprint });
    saved = state.progress.steps;
  };
  const isDue = (step: number, every: number) => Math.floor(step / every) > Math.floor(saved / every);
  return {
    start: ({ step }) => {
      saved = step;
    },
    ...(everySteps === null
      ? {}
      : {
          // where several steps are one run, only its last one is where training stands
          step: ({ step }, control) =>
            step === control.progress.steps && isDue(step, everySteps) ? save(control) : undefined,
        }),
    epoch: (_, control) => save(control),
    end: ({ end }, control) => (end === "aborted" ? save(control) : undefined),
  };
}
