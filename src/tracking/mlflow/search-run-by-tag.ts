import type { MlflowConnection } from "./connection.ts";
import { readList } from "./read-field.ts";
import { type RemoteRun, readRun } from "./remote-run.ts";

/** The run of an experiment that carries a tag with this value, or undefined. The value must hold no quote: the filter has no escape. */
export async function searchRunByTag(
  connection: MlflowConnection,
  where: { readonly experimentId: string; readonly tag: string; readonly value: string },
): Promise<RemoteRun | undefined> {
  if (/['"\\`]/.test(where.value)) return undefined;
  const answer = await connection.call({
    method: "POST",
    path: "/api/2.0/mlflow/runs/search",
    body: {
      experiment_ids: [where.experimentId],
      filter: `tags.\`${where.tag}\` = '${where.value}'`,
      max_results: 10,
    },
  });
  return readList(answer, "runs")
    .map((run) => readRun({ run }))
    .find((run) => run?.deleted === false);
}
