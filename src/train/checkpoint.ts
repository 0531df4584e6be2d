import { existsSync } from "node:fs";
import { z } from "zod";
import { float32Tensor, readSafetensors, type Tensor, writeSafetensors } from "../onnx/index.ts";
import { TrainError } from "./errors.ts";

/** A loss, which is no number where nothing was observed: JSON has no word for that but a text. */
export const lossSchema = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"]).transform(Number)]);

/** JSON with numbers that are none as texts, as {@link lossSchema} reads them. */
export function lossesAsJson(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === "number" && !Number.isFinite(one) ? String(one) : one,
  );
}

/** Where training stands between two steps. */
const progressSchema = z.object({
  /** The epoch in progress, from 1. */
  epoch: z.int(),
  /** Windows of that epoch that have been trained on. */
  windows: z.int(),
  /** Sum of their losses. */
  lossSum: lossSchema,
  /** The shuffling generator's state before that epoch's order was drawn. */
  random: z.array(z.number()),
  /** Optimizer steps taken. */
  steps: z.int(),
  bestEpoch: z.int(),
  bestLoss: lossSchema.nullable(),
  /** Epochs since the best one. */
  waited: z.int(),
  epochs: z.array(
    z.object({
      epoch: z.int(),
      step: z.int(),
      trainLoss: lossSchema,
      validationLoss: lossSchema.nullable(),
      best: z.boolean(),
      seconds: z.number(),
    }),
  ),
});

export type FitProgress = z.infer<typeof progressSchema>;

/** How a batch is cut: other workers or pieces add the same numbers up in another order. */
export const sharesSchema = z.object({
  workers: z.int(),
  /** Windows in one run of the gradient graph. */
  pieceWindows: z.int(),
});

export type BatchShares = z.infer<typeof sharesSchema>;

/** All that training needs to go on as if it had never stopped: on the CPU to the same bits. */
export interface CheckpointState {
  readonly progress: FitProgress;
  readonly parameters: Float32Array;
  /** The best epoch's parameters; null before the first epoch has ended. */
  readonly bestParameters: Float32Array | null;
  /** The optimizer's state vectors by name. */
  readonly optimizerState: Readonly<Record<string, Float32Array>>;
  readonly shares: BatchShares;
}

export interface Checkpoint extends CheckpointState {
  /** Says what was trained: words `part:value`, such as `data:1f2e`. A checkpoint goes on only under the same. */
  readonly fingerprint: string;
}

const FORMAT = "ttm-checkpoint/1";

/** Writes a checkpoint as one safetensors file: whole or not at all, over the one that is there. */
export async function writeCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  const { parameters, bestParameters, optimizerState, progress, shares, fingerprint } = checkpoint;
  const vector = (values: Float32Array) => float32Tensor([values.length], values);
  const tensors = new Map<string, Tensor>([
    ["parameters", vector(parameters)],
    ...(bestParameters ? [["best_parameters", vector(bestParameters)] as const] : []),
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
 * Reads a checkpoint back.
 *
 * @throws {TrainError} TRAIN_BAD_CHECKPOINT where the file is none, or one of another experiment
 */
export function readCheckpoint(file: string, fingerprint: string): Checkpoint {
  if (!existsSync(file))
    throw badCheckpoint(file, "there is no checkpoint", "resume a run that has taken a step");
  const { tensors, metadata } = readSafetensors(file);
  const values = (name: string) => tensors.get(name)?.data as Float32Array | undefined;
  const parameters = values("parameters");
  const progress = progressSchema.safeParse(parsedJson(metadata["progress"]));
  const shares = sharesSchema.safeParse(parsedJson(metadata["shares"]));
  if (metadata["format"] !== FORMAT || !parameters || !progress.success || !shares.success) {
    throw badCheckpoint(file, "the file is no checkpoint of this version", "start the run again");
  }
  const changed = changedParts(metadata["fingerprint"] ?? "", fingerprint);
  if (changed.length > 0) {
    throw badCheckpoint(
      file,
      `the checkpoint is of another experiment: ${changed.join(", ")} ${changed.length === 1 ? "differs" : "differ"}`,
      "resume with the config, the model and the data that the run was started with",
    );
  }
  const state = [...tensors].filter(([name]) => name.startsWith("state."));
  return {
    progress: progress.data,
    parameters: Float32Array.from(parameters),
    bestParameters: values("best_parameters")?.slice() ?? null,
    optimizerState: Object.fromEntries(
      state.map(([name, tensor]) => [
        name.slice("state.".length),
        Float32Array.from(tensor.data as Float32Array),
      ]),
    ),
    shares: shares.data,
    fingerprint,
  };
}

function parsedJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

/** Names of the parts in which two fingerprints differ. */
function changedParts(stored: string, wanted: string): string[] {
  const [before, now] = [stored.split(" "), wanted.split(" ")];
  const differing = [
    ...before.filter((part) => !now.includes(part)),
    ...now.filter((part) => !before.includes(part)),
  ];
  return [...new Set(differing.map((part) => part.split(":")[0] ?? part))];
}

function badCheckpoint(file: string, what: string, fix: string): TrainError {
  return new TrainError("TRAIN_BAD_CHECKPOINT", what, { where: file, fix });
}
