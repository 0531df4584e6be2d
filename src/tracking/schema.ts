import { z } from "zod";

const fsync = z.enum(["always", "interval", "never"]).default("interval");
const deadline = z.number().nonnegative().default(30);

/** Keeps the run's files in its folder. */
const fileTrackerSchema = z.strictObject({ name: z.literal("file"), fsync });

/** Sends the run to an MLflow server, from its journal. */
const mlflowTrackerSchema = z.strictObject({
  name: z.literal("mlflow"),
  uri: z.string().min(1),
  /** How long the end of a run waits for the server. */
  deadline_seconds: deadline,
  fsync,
});

const leaf = z.discriminatedUnion("name", [fileTrackerSchema, mlflowTrackerSchema]);

/** Several at once. */
const compositeTrackerSchema = z.strictObject({
  name: z.literal("composite"),
  trackers: z.array(leaf).min(1),
});

/** The settings of group `tracker`. */
export const trackerSchema = z.discriminatedUnion("name", [
  fileTrackerSchema,
  mlflowTrackerSchema,
  compositeTrackerSchema,
]);

export type TrackerSettings = z.infer<typeof trackerSchema>;
