import type { RunContext, StartRecord } from "../journal/journal-record.ts";
import { cleanName, cutText } from "./clean-name.ts";
import { TAG_VALUE_AT_MOST } from "./deliver-tags.ts";

/** The tag by which a run is found again after an answer was lost: it holds the run's own id. */
export const CLIENT_RUN_TAG = "ttm.clientRunId";
/** The own id of the parent, for as long as the server's is not known. */
const PARENT_RUN_TAG = "ttm.parentRunId";
export const MLFLOW_PARENT_TAG = "mlflow.parentRunId";
export const ERROR_TAG = "ttm.error";
/** PostgreSQL's column for a run's name. */
const RUN_NAME_AT_MOST = 250;

/** The tags of a new run. A key is there once: servers differ on doubles. */
export function runTags(
  start: StartRecord,
  login: string | undefined,
  parent: string | undefined,
): Map<string, string> {
  const tags = new Map<string, string>();
  for (const [key, value] of Object.entries(contextTags(start.context, login))) tags.set(key, value);
  if (start.run_name !== undefined) tags.set("mlflow.runName", start.run_name);
  for (const [key, value] of Object.entries(start.tags)) tags.set(cleanName(key), value);
  tags.set(CLIENT_RUN_TAG, start.run_id);
  if (parent !== undefined) tags.set(MLFLOW_PARENT_TAG, parent);
  if (start.parent_run_id !== undefined) tags.set(PARENT_RUN_TAG, start.parent_run_id);
  for (const [key, value] of tags)
    tags.set(key, cutText(value, key === "mlflow.runName" ? RUN_NAME_AT_MOST : TAG_VALUE_AT_MOST));
  return tags;
}

function contextTags(context: RunContext, login: string | undefined): Record<string, string> {
  return {
    "mlflow.user": login ?? context.user,
    "mlflow.source.name": context.source,
    "mlflow.source.type": "LOCAL",
    ...(context.git_commit === undefined ? {} : { "mlflow.source.git.commit": context.git_commit }),
  };
}
