import { z } from "zod";

const share = z.number().min(0).max(1);

/**
 * Settings of the section `pretraining`, which the recipe `+experiment=pretrain` adds: a model is trained from random weights on
 * synthetic series. Batch, rate, loss and clipping are those of `training`.
 */
export const pretrainingSchema = z.strictObject({
  steps: z.int().min(1).describe("optimizer steps in all; a batch of fresh series each"),
  dropout: z.number().min(0).lt(1).describe("in place of the model's own rates; nothing repeats, so 0"),
  average_decay: z
    .number()
    .min(0)
    .lt(1)
    .describe("decay of the moving average of the weights, which is what is kept"),
  missing_fraction: share.describe("share of the series with missing values"),
  files: z
    .array(z.string().min(1))
    .describe("CSV files whose numeric columns are mixed in; held-out series stay synthetic"),
  file_fraction: share.describe("share of the series that are cut from the files, where there are any"),
  validation_series: z.int().min(1).describe("held-out synthetic series"),
  validate_every: z.int().min(1).describe("steps between two validations"),
  checkpoint_every: z.int().min(1).describe("steps between two checkpoints in the run's folder"),
  series_workers: z.int().min(1).describe("threads that draw series beside the train step"),
});

export type PretrainingSettings = z.infer<typeof pretrainingSchema>;
