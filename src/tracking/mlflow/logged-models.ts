import { badAnswer, type MlflowConnection } from "./connection.ts";
import { MlflowError } from "./errors.ts";
import { readList, readPairs, readText } from "./read-field.ts";

/** The tag by which a logged model is found again after an answer was lost. */
const CLIENT_MODEL_TAG = "ttm.clientModelId";
const PATH = "/api/2.0/mlflow/logged-models";
/** Params that a create takes, and what the server keeps of a value. */
const PARAMS_AT_MOST = 100;

export interface NewLoggedModel {
  readonly experimentId: string;
  readonly runId: string;
  readonly name: string;
  /** Our own id of it. */
  readonly clientId: string;
  readonly params: ReadonlyMap<string, string>;
}

export interface LoggedModelPlace {
  readonly modelId: string;
  readonly artifactUri: string;
}

/** Finds a logged model by our own tag, or makes it; undefined on a 2.x server, which has none. Safe to call again after any fault. */
export async function ensureLoggedModel(
  connection: MlflowConnection,
  model: NewLoggedModel,
): Promise<LoggedModelPlace | undefined> {
  try {
    return (await findLoggedModel(connection, model)) ?? (await createLoggedModel(connection, model));
  } catch (fault) {
    if (fault instanceof MlflowError && (fault.status === 404 || fault.status === 405)) return undefined;
    throw fault;
  }
}

async function findLoggedModel(
  connection: MlflowConnection,
  model: NewLoggedModel,
): Promise<LoggedModelPlace | undefined> {
  const answer = await connection.call({
    method: "POST",
    path: `${PATH}/search`,
    body: {
      experiment_ids: [model.experimentId],
      filter: `source_run_id = '${model.runId}'`,
      max_results: 50,
    },
  });
  const found = readList(answer, "models").find(
    (it) => readPairs(it, "info", "tags").get(CLIENT_MODEL_TAG) === model.clientId,
  );
  return found === undefined ? undefined : readPlace(found);
}

async function createLoggedModel(
  connection: MlflowConnection,
  model: NewLoggedModel,
): Promise<LoggedModelPlace> {
  const params = [...model.params].slice(0, PARAMS_AT_MOST);
  const answer = await connection.call({
    method: "POST",
    path: PATH,
    body: {
      experiment_id: model.experimentId,
      name: loggedModelName(model.name),
      model_type: "ttm",
      source_run_id: model.runId,
      params: params.map(([key, value]) => ({ key, value })),
      tags: [{ key: CLIENT_MODEL_TAG, value: model.clientId }],
    },
  });
  const place = readPlace(answer["model"]);
  if (place === undefined)
    throw badAnswer("the answer to logged-models names no model", connection.settings.base);
  return place;
}

function readPlace(model: unknown): LoggedModelPlace | undefined {
  const modelId = readText(model, "info", "model_id");
  const artifactUri = readText(model, "info", "artifact_uri");
  return modelId === undefined || artifactUri === undefined ? undefined : { modelId, artifactUri };
}

/** A name as the server takes it: none of `/ : . % " '`. */
function loggedModelName(name: string): string {
  return name.replaceAll(/[/:.%"']/g, "-") || "model";
}

/** Says that the model's files are there, and that the run has made it. */
export async function finishLoggedModel(
  connection: MlflowConnection,
  runId: string,
  modelId: string,
): Promise<void> {
  await connection.call({
    method: "PATCH",
    path: `${PATH}/${modelId}`,
    body: { model_id: modelId, status: "LOGGED_MODEL_READY" },
  });
  try {
    await connection.call({
      method: "POST",
      path: "/api/2.0/mlflow/runs/outputs",
      body: { run_id: runId, models: [{ model_id: modelId, step: 0 }] },
    });
  } catch (fault) {
    // SQL servers refuse a link that is there already.
    if (!(fault instanceof MlflowError && fault.kind === "refused")) throw fault;
  }
}
