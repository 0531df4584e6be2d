import { availableParallelism } from "node:os";
import type { HalfDType, PassName } from "../onnx/index.ts";
import {
  type Device,
  listDevices,
  resolveDevice,
  type SessionOptions,
  workerCount,
} from "../runtime/index.ts";
import { choosePrecision } from "../train/index.ts";
import type { TTMExperimentConfig } from "./schema.ts";

/** What the settings of `runtime` and `training` mean for the engine, on a device. */
export interface EngineSettings {
  readonly session: SessionOptions;
  readonly workers: number;
  readonly microBatch: number | null;
  readonly stepsPerRun: number;
  readonly precision: "float32" | HalfDType;
  readonly disabledPasses: readonly PassName[];
}

type Settings = Pick<TTMExperimentConfig, "runtime" | "training">;

/** How the engine runs on a device. Sizes that are to be measured count as not set. */
export function engineSettings({ runtime, training }: Settings, device: Device): EngineSettings {
  const workers = workersOn(device, { runtime });
  const { precision } = choosePrecision(training.mixed_precision, {
    device,
    forced: runtime.force_mixed_precision,
  });
  const threads = runtime.threads ?? Math.max(1, Math.floor(availableParallelism() / workers));
  return {
    session: {
      device,
      deviceId: runtime.device_id,
      intraOpThreads: device === "cuda" ? 1 : threads,
      allowSpinning: runtime.spinning,
      arena: runtime.arena,
      memPattern: runtime.memory_pattern,
    },
    workers,
    microBatch: runtime.micro_batch === "auto" ? null : runtime.micro_batch,
    stepsPerRun: runtime.steps_per_run,
    precision,
    disabledPasses: runtime.disabled_passes,
  };
}

/** One worker drives a GPU, and one takes several steps in a run; else there is one for each core, or what the settings say. */
export function workersOn(device: Device, { runtime }: Pick<TTMExperimentConfig, "runtime">): number {
  return device === "cuda" || runtime.steps_per_run > 1 ? 1 : workerCount(runtime);
}

/** Sentences for the user: why `auto` took the CPU, and where half precision is left out. */
export async function engineNotes({ runtime, training }: Settings): Promise<string[]> {
  const device = await resolveDevice(runtime.device, runtime.device_id);
  const { note } = choosePrecision(training.mixed_precision, {
    device,
    forced: runtime.force_mixed_precision,
  });
  const cuda = (await listDevices(runtime.device_id)).find((one) => one.device === "cuda");
  const isFallback = runtime.device === "auto" && device === "cpu" && cuda?.reason !== undefined;
  return [isFallback ? `runtime.device=auto takes the CPU: ${cuda.reason}` : null, note].filter(
    (text) => text !== null,
  );
}
