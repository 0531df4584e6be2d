import { z } from "zod";

const rate = z.number().nonnegative();

const betas = z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]);

/** Settings of the `optimizer` group. `learning_rate` is usually `${training.learning_rate}`. */
export const optimizerSchema = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("adam"), betas, eps: z.number().positive(), weight_decay: rate }),
  z.strictObject({ name: z.literal("lion"), betas, weight_decay: rate }),
  z.strictObject({
    name: z.literal("adafactor"),
    decay_rate: z.number().negative(),
    eps: z.number().positive(),
    clip_threshold: z.number().positive(),
    weight_decay: rate,
  }),
  z.strictObject({
    name: z.literal("adamw"),
    betas,
    eps: z.number().positive(),
    weight_decay: rate,
  }),
  z.strictObject({
    name: z.literal("sgd"),
    momentum: z.number().min(0).lt(1),
    weight_decay: rate,
    nesterov: z.boolean(),
  }),
]);

/** Settings of the `scheduler` group. */
export const schedulerSchema = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("constant") }),
  z.strictObject({ name: z.literal("cosine"), warmup_fraction: z.number().min(0).max(1) }),
  z.strictObject({ name: z.literal("linear"), warmup_fraction: z.number().min(0).max(1) }),
  z.strictObject({
    name: z.literal("one_cycle"),
    warmup_fraction: z.number().min(0).max(1),
    div_factor: z.number().positive(),
    final_div_factor: z.number().positive(),
    beta_range: z.tuple([z.number(), z.number()]).nullable(),
  }),
]);

export type OptimizerSettings = z.infer<typeof optimizerSchema>;
export type SchedulerSettings = z.infer<typeof schedulerSchema>;
