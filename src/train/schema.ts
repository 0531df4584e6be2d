import { z } from "zod";
import { lossKinds } from "./loss.ts";

/** Settings of the `training` group. */
export const trainingSchema = z.strictObject({
  batch_size: z.int().min(1).describe("windows per optimizer step"),
  learning_rate: z.number().positive(),
  num_epochs: z.int().min(0).describe("0 evaluates only"),
  mixed_precision: z.boolean().describe("half precision where the device gains from it; the CPU does not"),
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
  patience: z
    .int()
    .min(1)
    .nullable()
    .describe("epochs without a better validation loss before training ends; null: never"),
});

export type TrainingSettings = z.infer<typeof trainingSchema>;
