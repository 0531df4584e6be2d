import { z } from "zod";

const fsync = z.enum(["always", "interval", "never"]).default("interval");
const deadline = z.number().nonnegative().default(30);
/** How often CPU, memory, disk, network and GPUs are sampled; 0 is never. */
const systemMetrics = z.number().nonnegative().default(0);

/** Keeps the run's files in its folder. */
const fileTrackerSchema = z.strictObject({
  name: z.literal("file"),
  fsync,
  system_metrics_seconds: systemMetrics,
});

/** Sends the run to an MLflow server, from its journal. */
const mlflowTrackerSchema = z.strictObject({
  name: z.literal("mlflow"),
  uri: z.string().min(1),
  /** How long the end of a run waits for the server. */
  deadline_seconds: deadline,
  fsync,
  system_metrics_seconds: systemMetrics,
});

/** Writes `.wandb` files, which `wandb sync` sends. What is null comes from the WANDB_* variables. */
const wandbTrackerSchema = z.strictObject({
  name: z.literal("wandb"),
  project: z.string().min(1).nullable().default(null),
  entity: z.string().min(1).nullable().default(null),
  group: z.string().min(1).nullable().default(null),
  job_type: z.string().min(1).nullable().default(null),
  notes: z.string().nullable().default(null),
  tags: z.array(z.string().min(1)).nullable().default(null),
  /** Parent of the `wandb` folder; the run's folder where null. */
  dir: z.string().min(1).nullable().default(null),
  deadline_seconds: deadline,
  fsync,
  system_metrics_seconds: systemMetrics,
});

const leaf = z.discriminatedUnion("name", [fileTrackerSchema, mlflowTrackerSchema, wandbTrackerSchema]);

/** Several at once. */
const compositeTrackerSchema = z.strictObject({
  name: z.literal("composite"),
  trackers: z.array(leaf).min(1),
  system_metrics_seconds: systemMetrics,
});

/** The settings of group `tracker`. */
export const trackerSchema = z.discriminatedUnion("name", [
  fileTrackerSchema,
  mlflowTrackerSchema,
  wandbTrackerSchema,
  compositeTrackerSchema,
]);

export type TrackerSettings = z.infer<typeof trackerSchema>;

/** What a follower notes of a file that is under way; see `mlflow/follower-state.ts`. */
export const progressSchema = z.object({
  done: z.array(z.string()),
  upload: z
    .object({
      path: z.string(),
      version: z.string(),
      uploadId: z.string(),
      partBytes: z.number(),
      parts: z.array(
        z.object({
          number: z.number(),
          url: z.string(),
          headers: z.record(z.string(), z.string()),
          etag: z.string().exactOptional(),
        }),
      ),
    })
    .exactOptional(),
});
