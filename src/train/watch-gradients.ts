import type { ParameterSlot } from "./parameters.ts";
import type { StepReport, TrainingCallback } from "./training-callback.ts";

export interface WatchGradientsOptions {
  /** Steps between two looks: each copies the whole gradient. */
  readonly everySteps: number;
  /** Where each trained tensor lies in the flat vector. */
  readonly slots: readonly ParameterSlot[];
  /** Handed each tensor's gradient before clipping, by name. */
  readonly onGradients: (gradients: Record<string, Float32Array>, report: StepReport) => void;
}

/** Shows every n-th step's gradients, tensor by tensor, such as for histograms. */
export function watchGradients({ everySteps, slots, onGradients }: WatchGradientsOptions): TrainingCallback {
  return {
    step: (report, { readGradient }) => {
      if (report.step % everySteps !== 0) return;
      const flat = readGradient();
      const parts = slots.map(
        ({ name, offset, size }) => [name, flat.subarray(offset, offset + size)] as const,
      );
      onGradients(Object.fromEntries(parts), report);
    },
  };
}
