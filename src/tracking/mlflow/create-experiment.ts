import type { MlflowConnection } from "./connection.ts";
import { readText } from "./read-field.ts";

/**
 * Makes an experiment and returns its id; undefined where the answer does not say it.
 *
 * @throws {MlflowError} MLFLOW_EXISTS (MLFLOW_REFUSED on MySQL) where another process was faster
 */
export async function createExperiment(
  connection: MlflowConnection,
  name: string,
): Promise<string | undefined> {
  const answer = await connection.call({
    method: "POST",
    path: "/api/2.0/mlflow/experiments/create",
    body: { name },
  });
  return readText(answer, "experiment_id");
}
