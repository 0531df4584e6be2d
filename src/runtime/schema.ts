import { availableParallelism } from "node:os";
import { z } from "zod";

/** Settings of `conf/runtime`: where and how wide the graphs run. */
export const runtimeSchema = z.strictObject({
  device: z
    .enum(["auto", "cpu", "cuda"])
    .default("auto")
    .describe("Where graphs run; auto is cuda where it works, else cpu"),
  workers: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("Worker threads that share a batch on the CPU; null: one per core"),
  piece_series: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("Series that a worker runs at once (fits its cache); null: chosen from the model's width"),
});

export type RuntimeSettings = z.infer<typeof runtimeSchema>;

/** The number of workers meant by the settings. */
export function workerCount(settings: Pick<RuntimeSettings, "workers">): number {
  return settings.workers ?? availableParallelism();
}
