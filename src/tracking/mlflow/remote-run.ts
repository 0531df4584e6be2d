import { readField, readList, readPairs, readText } from "./read-field.ts";

/** A metric's newest point: the largest by (step, timestamp, value). */
export interface LatestMetric {
  readonly step: number;
  readonly timestamp: number;
  /** As text: `NaN` and the infinities have none in JSON. */
  readonly value: string;
}

export interface RemoteRun {
  readonly runId: string;
  readonly artifactUri: string;
  readonly deleted: boolean;
  readonly params: ReadonlyMap<string, string>;
  readonly latest: ReadonlyMap<string, LatestMetric>;
}

/** The `run` of an answer, or undefined where it has none. Old servers say `run_uuid`. */
export function readRun(answer: unknown): RemoteRun | undefined {
  const runId = readText(answer, "run", "info", "run_id") ?? readText(answer, "run", "info", "run_uuid");
  if (runId === undefined) return undefined;
  return {
    runId,
    artifactUri: readText(answer, "run", "info", "artifact_uri") ?? "",
    deleted: readText(answer, "run", "info", "lifecycle_stage") === "deleted",
    params: readPairs(answer, "run", "data", "params"),
    latest: new Map(
      readList(answer, "run", "data", "metrics").map((metric) => [
        String(readField(metric, "key")),
        {
          step: Number(readField(metric, "step") ?? 0),
          timestamp: Number(readField(metric, "timestamp") ?? 0),
          value: String(readField(metric, "value") ?? 0),
        },
      ]),
    ),
  };
}
