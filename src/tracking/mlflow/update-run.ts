import type { MlflowConnection } from "./connection.ts";

export type RunStatus = "RUNNING" | "FINISHED" | "FAILED" | "KILLED";

export async function updateRun(
  connection: MlflowConnection,
  run: { readonly runId: string; readonly status: RunStatus; readonly endTime?: number },
): Promise<void> {
  await connection.call({
    method: "POST",
    path: "/api/2.0/mlflow/runs/update",
    body: {
      run_id: run.runId,
      status: run.status,
      ...(run.endTime === undefined ? {} : { end_time: run.endTime }),
    },
  });
}
