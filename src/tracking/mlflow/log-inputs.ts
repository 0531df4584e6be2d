import type { MlflowConnection } from "./connection.ts";

export interface RunInput {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  /** JSON text whose shape the type decides. */
  readonly source: string;
  readonly schema?: string;
  readonly profile?: string;
  /** `training`, `validation`, … */
  readonly context?: string;
}

/** Notes that a run reads a dataset. Safe to send again. */
export async function logInputs(connection: MlflowConnection, runId: string, input: RunInput): Promise<void> {
  const { name, digest, sourceType, source, schema, profile, context } = input;
  await connection.call({
    method: "POST",
    path: "/api/2.0/mlflow/runs/log-inputs",
    body: {
      run_id: runId,
      datasets: [
        {
          dataset: {
            name,
            digest,
            source_type: sourceType,
            source,
            ...(schema === undefined ? {} : { schema }),
            ...(profile === undefined ? {} : { profile }),
          },
          tags: context === undefined ? [] : [{ key: "mlflow.data.context", value: context }],
        },
      ],
    },
  });
}
