import { z } from "zod";
import { modelFamilies } from "./forecast-model.ts";

/** Where weights come from: a folder (`path`), or by this choice. */
export const weightChoice = z.enum(["auto", "hub", "bundled", "random"]);

const rate = z.number().min(0).lt(1);

/** Settings of the config group `model`. */
export const modelSettings = z.strictObject({
  name: z.string().describe("the option's name, for run names and reports"),
  family: z.enum(modelFamilies).describe("which code reads the checkpoint"),
  path: z.string().nullable().describe("folder with config.json and model.safetensors"),
  weights: weightChoice.describe(
    "where weights come from when path is null; auto: the hub's cache, the hub, else the bundled checkpoint",
  ),
  repo: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, "a repository is OWNER/NAME")
    .nullable()
    .default(null)
    .describe("the model's repository on the Hugging Face hub"),
  revision: z.string().min(1).default("main").describe("a branch, a tag or a commit of that repository"),
  bundled: z
    .string()
    .nullable()
    .default(null)
    .describe("folder of a checkpoint that ships with this package: package://…"),
  dropout: rate.nullable().describe("dropout of the backbone; null: as config.json says"),
  head_dropout: rate.nullable().describe("dropout of a TTM's decoder and head; null: as config.json says"),
  prediction_filter_length: z.int().positive().nullable().describe("forecast only the first steps"),
  context_length: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe("rows of context; null: as config.json says"),
  overrides: z.record(z.string(), z.unknown()).describe("other keys laid over config.json"),
  architecture: z.record(z.string(), z.unknown()).describe("config.json of a model with random weights"),
});

export type ModelSettings = z.infer<typeof modelSettings>;
