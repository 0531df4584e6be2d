import { existsSync } from "node:fs";
import { z } from "zod";
import { float32Tensor, readSafetensors, type Tensor, writeSafetensors } from "../onnx/index.ts";
import { type BatchShares, lossesAsJson, lossSchema, sharesSchema } from "./checkpoint.ts";
import { TrainError } from "./errors.ts";

/** Where training on a stream stands between two steps. */
const progressSchema = z.object({
  /** Optimizer steps taken. */
  steps: z.int(),
  /** Seconds that training has taken, over all sittings. */
  seconds: z.number(),
  /** Sum and number of the steps' losses since the last validation. */
  lossSum: lossSchema,
  lossCount: z.int(),
  validations: z.array(z.object({ step: z.int(), trainLoss: lossSchema, validationLoss: lossSchema })),
});

export type StreamProgress = z.infer<typeof progressSchema>;

/** All that training on a stream needs to go on as if it had never stopped: on the CPU to the same bits. */
export interface StreamCheckpoint {
  readonly progress: StreamProgress;
  readonly parameters: Float32Array;
  /** The optimizer's state vectors by name; the moving average of the parameters is one. */
  readonly optimizerState: Readonly<Record<string, Float32Array>>;
  /** How the engine cut its batches. */
  readonly shares: BatchShares;
  /** Says what was trained on what. A checkpoint goes on only under the same. */
  readonly fingerprint: string;
}

const FORMAT = "ttm-stream-checkpoint/2";

/** Writes a checkpoint as one safetensors file: whole or not at all, over the one that is there. */
export async function writeStreamCheckpoint(file: string, checkpoint: StreamCheckpoint): Promise<void> {
  const { parameters, optimizerState, progress, shares, fingerprint } = checkpoint;
  const vector = (values: Float32Array) => float32Tensor([values.length], values);
  const tensors = new Map<string, Tensor>([
    ["parameters", vector(parameters)],
    ...Object.entries(optimizerState).map(([name, values]) => [`state.${name}`, vector(values)] as const),
  ]);
  await writeSafetensors(file, tensors, {
    format: FORMAT,
    fingerprint,
    progress: lossesAsJson(progress),
    shares: JSON.stringify(shares),
  });
}

/**
 * Reads a checkpoint back; null where there is none.
 *
 * @throws {TrainError} TRAIN_BAD_CHECKPOINT where the file is none, or one of another training
 */
export function readStreamCheckpoint(file: string, fingerprint: string): StreamCheckpoint | null {
  if (!existsSync(file)) return null;
  const { tensors, metadata } = readSafetensors(file);
  const values = (name: string) => {
    const data = tensors.get(name)?.data;
    return data instanceof Float32Array ? Float32Array.from(data) : undefined;
  };
  const parameters = values("parameters");
  const progress = progressSchema.safeParse(JSON.parse(metadata["progress"] ?? "null"));
  const shares = sharesSchema.safeParse(JSON.parse(metadata["shares"] ?? "null"));
  if (metadata["format"] !== FORMAT || !parameters || !progress.success || !shares.success) {
    throw badCheckpoint(file, "the file is no checkpoint of this version", "start again in another folder");
  }
  if (metadata["fingerprint"] !== fingerprint) {
    throw badCheckpoint(
      file,
      "the checkpoint is of a training with other settings",
      "go on with the config that it was started with, or start again in another folder",
    );
  }
  const state = [...tensors.keys()].filter((name) => name.startsWith("state."));
  return {
    progress: progress.data,
    shares: shares.data,
    parameters,
    optimizerState: Object.fromEntries(
      state.map((name) => [name.slice("state.".length), values(name) ?? new Float32Array()]),
    ),
    fingerprint,
  };
}

function badCheckpoint(file: string, what: string, fix: string): TrainError {
  return new TrainError("TRAIN_BAD_CHECKPOINT", what, { where: file, fix });
}
