import { badAnswer, type MlflowConnection } from "./connection.ts";
import { type RemoteRun, readRun } from "./remote-run.ts";

export interface NewRun {
  readonly experimentId: string;
  readonly startTime: number;
  readonly runName: string | undefined;
  readonly tags: ReadonlyMap<string, string>;
}

/** Makes a run. Not idempotent: a lost answer is found again by a tag that only this run has. */
export async function createRun(connection: MlflowConnection, run: NewRun): Promise<RemoteRun> {
  const answer = await connection.call({
    method: "POST",
    path: "/api/2.0/mlflow/runs/create",
    body: {
      experiment_id: run.experimentId,
      start_time: run.startTime,
      ...(run.runName === undefined ? {} : { run_name: run.runName }),
      tags: [...run.tags].map(([key, value]) => ({ key, value })),
    },
  });
  const made = readRun(answer);
  if (made === undefined) throw badAnswer("the answer to runs/create names no run", connection.settings.base);
  return made;
}
