import { z } from "zod";

const rate = z.number().nonnegative();

const betas = z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]);

const groupSchema = z.strictObject({
  params: z
    .string()
    .min(1)
    .refine(isPattern, "not a regular expression")
    .describe("regular expression found in the names of trained tensors, such as lora_B or bias$"),
  lr_factor: z.number().nonnegative().default(1).describe("the learning rate's factor; 0 freezes"),
  weight_decay_factor: z.number().nonnegative().default(1).describe("the weight decay's factor"),
});

/** What every optimizer has: parameter groups. */
const grouping = {
  decay_on: z
    .enum(["all", "matrices"])
    .default("all")
    .describe("what weight_decay applies to; matrices leaves biases and norms alone"),
  groups: z
    .array(groupSchema)
    .default([])
    .describe("parameters with a rate or a decay of their own; the first that matches counts"),
};

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Settings of the `optimizer` group. `learning_rate` is usually `${training.learning_rate}`. */
export const optimizerSchema = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("adam"),
    betas,
    eps: z.number().positive(),
    weight_decay: rate,
    ...grouping,
  }),
  z.strictObject({ name: z.literal("lion"), betas, weight_decay: rate, ...grouping }),
  z.strictObject({
    name: z.literal("adafactor"),
    decay_rate: z.number().negative(),
    eps: z.number().positive(),
    clip_threshold: z.number().positive(),
    weight_decay: rate,
    ...grouping,
  }),
  z.strictObject({
    name: z.literal("adamw"),
    betas,
    eps: z.number().positive(),
    weight_decay: rate,
    ...grouping,
  }),
  z.strictObject({
    name: z.literal("sgd"),
    momentum: z.number().min(0).lt(1),
    weight_decay: rate,
    nesterov: z.boolean(),
    ...grouping,
  }),
]);

const warmupFraction = z.number().min(0).max(1).describe("share of the steps in which the rate rises");

/** Settings of the `scheduler` group. */
export const schedulerSchema = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("constant"), warmup_fraction: warmupFraction.default(0) }),
  z.strictObject({ name: z.literal("cosine"), warmup_fraction: warmupFraction }),
  z.strictObject({ name: z.literal("linear"), warmup_fraction: warmupFraction }),
  z.strictObject({
    name: z.literal("plateau"),
    warmup_fraction: warmupFraction,
    factor: z.number().gt(0).lt(1).describe("what the rate is multiplied by where the loss stops falling"),
    patience: z.int().min(0).describe("epochs without a better validation loss that are waited for"),
    threshold: z.number().min(0).lt(1).describe("a loss must be lower by this share to be better"),
    cooldown: z.int().min(0).describe("epochs after a fall of the rate that do not count"),
    min_learning_rate: z.number().nonnegative(),
  }),
  z.strictObject({
    name: z.literal("stable_decay"),
    warmup_steps: z.int().min(0).describe("steps in which the rate rises"),
    decay_fraction: z
      .number()
      .min(0)
      .max(1)
      .describe("share of the steps in which the rate falls, at the end"),
  }),
  z.strictObject({
    name: z.literal("one_cycle"),
    warmup_fraction: warmupFraction,
    div_factor: z.number().positive(),
    final_div_factor: z.number().positive(),
    beta_range: z.tuple([z.number(), z.number()]).nullable(),
  }),
]);

export type OptimizerSettings = z.infer<typeof optimizerSchema>;
export type SchedulerSettings = z.infer<typeof schedulerSchema>;
