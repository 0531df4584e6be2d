import type { MlflowConnection } from "./connection.ts";
import { MlflowError } from "./errors.ts";
import { readText } from "./read-field.ts";

export interface FoundExperiment {
  readonly experimentId: string;
  readonly deleted: boolean;
}

/** The experiment of that name, deleted ones too, or undefined. */
export async function getExperimentByName(
  connection: MlflowConnection,
  name: string,
): Promise<FoundExperiment | undefined> {
  try {
    const answer = await connection.call({
      method: "GET",
      path: "/api/2.0/mlflow/experiments/get-by-name",
      query: { experiment_name: name },
    });
    const experimentId = readText(answer, "experiment", "experiment_id");
    if (experimentId === undefined) return undefined;
    return { experimentId, deleted: readText(answer, "experiment", "lifecycle_stage") === "deleted" };
  } catch (fault) {
    if (fault instanceof MlflowError && fault.code === "MLFLOW_NOT_FOUND") return undefined;
    throw fault;
  }
}
