import { badAnswer, type MlflowConnection } from "./connection.ts";
import { MlflowError } from "./errors.ts";
import { type RemoteRun, readRun } from "./remote-run.ts";

/**
 * A run with its params and the newest point of each metric.
 *
 * @throws {MlflowError} MLFLOW_RUN_GONE where it is deleted or unknown: then it takes no more writes
 */
export async function getRun(connection: MlflowConnection, runId: string): Promise<RemoteRun> {
  const run = await askForRun(connection, runId);
  if (!run.deleted) return run;
  throw runGone(connection, runId, "deleted");
}

async function askForRun(connection: MlflowConnection, runId: string): Promise<RemoteRun> {
  try {
    const answer = await connection.call({
      method: "GET",
      path: "/api/2.0/mlflow/runs/get",
      query: { run_id: runId },
    });
    const run = readRun(answer);
    if (run === undefined) throw badAnswer("the answer to runs/get names no run", connection.settings.base);
    return run;
  } catch (fault) {
    if (fault instanceof MlflowError && fault.code === "MLFLOW_NOT_FOUND")
      throw runGone(connection, runId, "not there");
    throw fault;
  }
}

function runGone(connection: MlflowConnection, runId: string, how: string): MlflowError {
  return new MlflowError(
    "MLFLOW_RUN_GONE",
    `the run is ${how} on the server; nothing more is sent, the run folder has everything`,
    {
      kind: "permanent",
      where: `run ${runId} at ${connection.settings.base}`,
      fix: `restore it (mlflow runs restore --run-id ${runId}) and send the rest`,
    },
  );
}
