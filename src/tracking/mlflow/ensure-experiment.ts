import { badAnswer, type MlflowConnection } from "./connection.ts";
import { createExperiment } from "./create-experiment.ts";
import { MlflowError } from "./errors.ts";
import { getExperimentByName } from "./get-experiment-by-name.ts";

/**
 * The id of the experiment of that name, which is made where it is not there.
 *
 * @throws {MlflowError} MLFLOW_EXPERIMENT_DELETED
 */
export async function ensureExperiment(connection: MlflowConnection, name: string): Promise<string> {
  const found = await liveExperiment(connection, name);
  if (found !== undefined) return found;
  try {
    await createExperiment(connection, name);
  } catch (fault) {
    // Another process may have won; then the look-up below finds it.
    if (!(fault instanceof MlflowError && fault.kind === "refused")) throw fault;
    const other = await liveExperiment(connection, name);
    if (other === undefined) throw fault;
    return other;
  }
  const made = await liveExperiment(connection, name);
  if (made === undefined)
    throw badAnswer(`the experiment '${name}' was made, but cannot be found`, connection.settings.base);
  return made;
}

async function liveExperiment(connection: MlflowConnection, name: string): Promise<string | undefined> {
  const found = await getExperimentByName(connection, name);
  if (!found?.deleted) return found?.experimentId;
  throw new MlflowError(
    "MLFLOW_EXPERIMENT_DELETED",
    `the experiment '${name}' is deleted on the server; its name stays taken`,
    {
      kind: "permanent",
      where: `experiment ${found.experimentId} at ${connection.settings.base}`,
      fix: `restore it (mlflow experiments restore --experiment-id ${found.experimentId}), or choose another experiment_name`,
    },
  );
}
