import type { StartRecord } from "../journal/journal-record.ts";
import { cutText } from "./clean-name.ts";
import type { MlflowConnection } from "./connection.ts";
import { createRun } from "./create-run.ts";
import { ensureExperiment } from "./ensure-experiment.ts";
import { MlflowError } from "./errors.ts";
import { getRun } from "./get-run.ts";
import { CLIENT_RUN_TAG, runTags } from "./run-tags.ts";
import { searchRunByTag } from "./search-run-by-tag.ts";

/** SQL servers' column for an experiment's name is 256 wide. */
const EXPERIMENT_NAME_AT_MOST = 250;

export interface EnsuredRun {
  readonly experimentId: string;
  readonly runId: string;
  readonly artifactUri: string;
  /** It was there: an earlier try made it, and may have sent more. */
  readonly adopted: boolean;
}

/** Finds the run on the server by its own tag, or makes it. Safe to call again after any fault. */
export async function ensureRun(connection: MlflowConnection, start: StartRecord): Promise<EnsuredRun> {
  const experimentId = await ensureExperiment(
    connection,
    cutText(start.experiment || "Default", EXPERIMENT_NAME_AT_MOST),
  );
  const found = await searchRunByTag(connection, { experimentId, tag: CLIENT_RUN_TAG, value: start.run_id });
  if (found !== undefined)
    return { experimentId, runId: found.runId, artifactUri: found.artifactUri, adopted: true };
  const parent = await findParent(connection, experimentId, start.parent_run_id);
  const tags = runTags(start, connection.settings.user, parent);
  const made = await createRun(connection, {
    experimentId,
    startTime: start.time,
    runName: tags.get("mlflow.runName"),
    tags,
  });
  return { experimentId, runId: made.runId, artifactUri: made.artifactUri, adopted: false };
}

/** The server's id of a parent: found by our own id, or that id itself where it is the server's. */
export async function findParent(
  connection: MlflowConnection,
  experimentId: string,
  parentRunId: string | undefined,
): Promise<string | undefined> {
  if (parentRunId === undefined) return undefined;
  const ours = await searchRunByTag(connection, { experimentId, tag: CLIENT_RUN_TAG, value: parentRunId });
  if (ours !== undefined) return ours.runId;
  try {
    return (await getRun(connection, parentRunId)).runId;
  } catch (fault) {
    if (fault instanceof MlflowError && (fault.kind === "refused" || fault.kind === "permanent"))
      return undefined;
    throw fault;
  }
}
