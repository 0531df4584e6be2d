import { z } from "zod";
import { dataSettingsSchema } from "../data/index.ts";
import { loraSchema } from "../lora/index.ts";
import { modelSettings } from "../models/index.ts";
import { optimizerSchema, schedulerSchema } from "../optim/index.ts";
import { runtimeSchema } from "../runtime/index.ts";
import { trackerSchema } from "../tracking/index.ts";
import { trainingSchema } from "../train/index.ts";
import { pretrainingSchema } from "./pretrain/schema.ts";

/**
 * A whole experiment: one section per config group, in the YAML's own keys. The one source of the config's types, of its
 * validation and of the reference page.
 */
export const experimentSchema = z.strictObject({
  experiment_name: z
    .string()
    .min(1)
    .describe("groups runs: the folder under output_dir, the experiment in trackers"),
  output_dir: z.string().min(1).describe("runs are written to <output_dir>/<experiment_name>/<run>"),
  seed: z.int().min(0).describe("of initial values, shuffling and dropout"),
  model: modelSettings,
  data: dataSettingsSchema,
  training: trainingSchema,
  lora: loraSchema,
  optimizer: optimizerSchema,
  scheduler: schedulerSchema,
  tracker: trackerSchema,
  runtime: runtimeSchema,
  pretraining: pretrainingSchema
    .optional()
    .describe("trains a model from random weights on synthetic series; +experiment=pretrain adds it"),
});

export type TTMExperimentConfig = z.infer<typeof experimentSchema>;
export type TrainingConfig = TTMExperimentConfig["training"];
