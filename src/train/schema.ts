import { z } from "zod";
import { lossKinds } from "./loss.ts";
import { mixedPrecisions } from "./precision.ts";

/** Settings of the `training` group. */
export const trainingSchema = z.strictObject({
  batch_size: z.int().min(1).describe("windows per optimizer step"),
  learning_rate: z.number().positive(),
  num_epochs: z.int().min(0).describe("0 evaluates only"),
  mixed_precision: z
    .union([z.boolean(), z.enum(mixedPrecisions)])
    .describe(
      "no (false), fp16, bf16, or auto (true): half precision where the device gains from it; the CPU does not",
    ),
  lora_rank: z
    .int()
    .min(1, "a rank is at least 1; null trains every weight")
    .nullable()
    .describe("rank of the adapters; null trains every weight"),
  loss: z.enum(lossKinds),
  clip_norm: z
    .number()
    .positive()
    .nullable()
    .describe("largest global norm of the gradient; null: no clipping"),
  clip_value: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe("largest size of each value of the gradient, applied before clip_norm; null: no clipping"),
  ema_decay: z
    .number()
    .gt(0)
    .lt(1)
    .nullable()
    .default(null)
    .describe(
      "validates with, and saves, a moving average of the trained values that looks back over about 1/(1-decay) steps, early in training over fewer; null: the values themselves",
    ),
  patience: z
    .int()
    .min(1)
    .nullable()
    .describe("epochs without a better validation loss before training ends; null: never"),
  checkpoint_every_steps: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "a checkpoint also after every so many steps; one is kept after each epoch in any case, for --resume",
    ),
  metrics: z
    .array(z.string())
    .default([])
    .describe(
      "further errors of the test forecasts, such as rmse, smape, mase, r2: each becomes test_<name>",
    ),
  callbacks: z
    .record(z.string(), z.record(z.string(), z.unknown()).nullable())
    .default({})
    .describe(
      "what else happens while training, by name: gradient_histograms, or what a program has registered",
    ),
});

export type TrainingSettings = z.infer<typeof trainingSchema>;
