import { z } from "zod";
import { type LoraConfig, loraDefaults } from "./lora-config.ts";

const names = z.array(z.string().min(1));
const pattern = (value: z.ZodNumber) => z.record(z.string(), value);
const rank = z.number().int().min(1, "a rank is at least 1; null means full fine-tuning");

/** The starts of `init_lora_weights` that have a name. */
const starts = /^(gaussian|orthogonal|pissa|pissa_niter_\d+|olora)$/;

/**
 * The config group `lora`. The caller decides what a rank of null means (full fine-tuning: no adapter at all).
 */
export const loraSchema = z.strictObject({
  rank: rank.nullable().describe("rank of the update, at least 1; null: full fine-tuning"),
  alpha: z.number().positive().default(16).describe("the update is scaled by alpha / rank"),
  dropout: z.number().min(0).lt(1).default(0).describe("dropout on the adapter's input while training"),
  target_modules: z
    .union([names.min(1), z.string().min(1)])
    .describe("a preset, a list of module names or ends of names, or a regular expression for whole names"),
  exclude_modules: z.union([names, z.string()]).nullable().default(null).describe("never these modules"),
  layers_to_transform: z
    .union([z.array(z.number().int()), z.number().int()])
    .nullable()
    .default(null)
    .describe("only layers with these numbers (with a list of targets)"),
  layers_pattern: z
    .union([names, z.string()])
    .nullable()
    .default(null)
    .describe("name of the list of layers"),
  rank_pattern: pattern(rank).default({}).describe("regular expression of a name's end: rank"),
  alpha_pattern: pattern(z.number().positive())
    .default({})
    .describe("regular expression of a name's end: alpha"),
  use_rslora: z.boolean().default(false).describe("scale by alpha / √rank"),
  use_dora: z.boolean().default(false).describe("train a magnitude for every output as well (DoRA)"),
  bias: z.enum(["none", "all", "lora_only"]).default("none").describe("which biases are trained too"),
  lora_bias: z.boolean().default(false).describe("a trained bias on B"),
  modules_to_save: names.nullable().default(null).describe("modules that are trained whole"),
  init_lora_weights: z
    .union([z.boolean(), z.string()])
    .refine((value) => typeof value === "boolean" || starts.test(value), {
      message: "no such start: true, false, gaussian, orthogonal, pissa, pissa_niter_4 (any number), olora",
    })
    .default(true)
    .describe(
      "true: A uniform, B zero; gaussian: A normal, B zero; orthogonal: B·A zero; false: both random; pissa, pissa_niter_4, olora: parts of the weight itself",
    ),
  trained_weights: z
    .union([names.min(1), z.string().min(1)])
    .nullable()
    .default(null)
    .describe(
      "with rank null, the weights that are trained: null for all, biases (BitFit), a preset such as head, a list of modules, or a regular expression for weight names",
    ),
  loraplus_lr_ratio: z
    .number()
    .min(1)
    .nullable()
    .default(null)
    .describe("LoRA+: B learns this many times as fast as A (16 is usual); null: as fast"),
});

export type LoraSettings = z.infer<typeof loraSchema>;

/** The group's settings under PEFT's names, or null where the rank is null. A preset's name stays a name. */
export function toLoraConfig(settings: LoraSettings): LoraConfig | null {
  const {
    rank: r,
    alpha: lora_alpha,
    dropout: lora_dropout,
    loraplus_lr_ratio,
    trained_weights,
    ...same
  } = settings;
  return r === null ? null : { ...same, r, lora_alpha, lora_dropout };
}

const peftNames = names.nullable();

/** PEFT's own keys, as goldens, `adapter_config.json` and users of the library write them. */
export const peftConfigSchema = z.object({
  r: z.number().int().default(loraDefaults.r),
  lora_alpha: z.number().default(loraDefaults.lora_alpha),
  lora_dropout: z.number().min(0).lt(1).default(loraDefaults.lora_dropout),
  target_modules: z.union([peftNames, z.string()]).default(null),
  exclude_modules: z.union([peftNames, z.string()]).default(null),
  layers_to_transform: z
    .union([z.array(z.number().int()), z.number().int()])
    .nullable()
    .default(null),
  layers_pattern: z.union([peftNames, z.string()]).default(null),
  rank_pattern: z
    .record(z.string(), z.number().int())
    .nullish()
    .transform((value) => value ?? {}),
  alpha_pattern: z
    .record(z.string(), z.number())
    .nullish()
    .transform((value) => value ?? {}),
  bias: z.enum(["none", "all", "lora_only"]).default(loraDefaults.bias),
  lora_bias: z.boolean().default(loraDefaults.lora_bias),
  modules_to_save: peftNames.default(null),
  use_rslora: z.boolean().default(loraDefaults.use_rslora),
  use_dora: z.boolean().default(loraDefaults.use_dora),
  init_lora_weights: z.union([z.boolean(), z.string()]).default(true),
});
