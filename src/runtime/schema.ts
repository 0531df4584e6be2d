import { availableParallelism } from "node:os";
import { z } from "zod";
import { passNames } from "../onnx/index.ts";

const size = z.union([z.int().min(1), z.literal("auto")]).nullable();

/** Settings of `conf/runtime`: where and how the graphs run. `docs/performance.md` has what each was measured to do. */
export const runtimeSchema = z.strictObject({
  device: z
    .enum(["auto", "cpu", "cuda"])
    .default("auto")
    .describe("Where graphs run; auto is cuda where it works, else cpu"),
  device_id: z.int().min(0).default(0).describe("Which GPU, counted from 0"),
  workers: size
    .default(null)
    .describe(
      "Worker threads that share a batch on the CPU; null: OMP_NUM_THREADS where that is set, as by a sweep whose workers share the cores, else one per core; auto: measured once",
    ),
  micro_batch: size
    .default(null)
    .describe(
      "Windows that a worker runs at once (fits its cache); null: chosen from the model's width; auto: measured once",
    ),
  steps_per_run: z
    .int()
    .min(1)
    .default(1)
    .describe("Optimizer steps in one run of a graph; more than 1 pays on a GPU only"),
  threads: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("Threads inside of one op; null: the cores shared out among the workers"),
  spinning: z
    .boolean()
    .default(true)
    .describe("Whether idle threads of an op spin; false where others use the machine too"),
  arena: z.boolean().default(true).describe("Keep freed memory for the next run"),
  memory_pattern: z
    .boolean()
    .default(false)
    .describe("Plan memory once from the static shapes: a third more of it, and no faster on small pieces"),
  disabled_passes: z
    .array(z.enum(passNames))
    .default([])
    .describe("Rewritings of the step's graph that are left out; the results are the same up to rounding"),
  force_mixed_precision: z
    .boolean()
    .default(false)
    .describe("Compute in half precision also where that is slower: to test it without a GPU"),
});

export type RuntimeSettings = z.infer<typeof runtimeSchema>;

/** The number of workers meant by the settings; what is to be measured counts as not set. */
export function workerCount(
  { workers }: Pick<RuntimeSettings, "workers">,
  env: Readonly<Record<string, string | undefined>> = process.env,
): number {
  if (typeof workers === "number") return workers;
  // How launchers and clusters say which part of the machine a process has.
  const share = Number(env["OMP_NUM_THREADS"]);
  const cores = availableParallelism();
  return Number.isInteger(share) && share > 0 ? Math.min(share, cores) : cores;
}
