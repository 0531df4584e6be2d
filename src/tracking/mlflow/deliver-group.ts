import type { EndRecord, StartRecord } from "../journal/journal-record.ts";
import { deliverDataset } from "./deliver-dataset.ts";
import { deliverMetrics } from "./deliver-metrics.ts";
import { deliverParams } from "./deliver-params.ts";
import { deliverTags } from "./deliver-tags.ts";
import type { Delivery } from "./delivery.ts";
import { findParent } from "./ensure-run.ts";
import type { JournalGroup, OtherRecord } from "./journal-groups.ts";
import { ERROR_TAG, MLFLOW_PARENT_TAG } from "./run-tags.ts";
import { type RunStatus, updateRun } from "./update-run.ts";

const STATUS = { completed: "FINISHED", failed: "FAILED", killed: "KILLED" } as const satisfies Record<
  EndRecord["status"],
  RunStatus
>;

/** The run that the groups belong to. */
export interface DeliveredRun {
  readonly start: StartRecord;
  readonly experimentId: string;
}

/** Brings one group to the server, but for files, which go their own way. */
export async function deliverGroup(
  group: JournalGroup,
  run: DeliveredRun,
  delivery: Delivery,
): Promise<void> {
  if (group.other === undefined) return deliverMetrics(group.metrics, delivery);
  return deliverOther(group.other, run, delivery);
}

async function deliverOther(record: OtherRecord, run: DeliveredRun, delivery: Delivery): Promise<void> {
  const { connection, runId } = delivery;
  switch (record.type) {
    case "params":
      return deliverParams(record, delivery);
    case "tags":
      return deliverTags(record.values, delivery);
    case "dataset":
      return deliverDataset(record, delivery);
    case "resume":
      await deliverTags(record.tags, delivery);
      return updateRun(connection, { runId, status: "RUNNING" });
    case "end":
      return deliverEnd(record, run, delivery);
    default:
      // `journal` and `repair` are the file's own; `start` went with the run's creation; a type that a later version adds is left alone.
      return;
  }
}

/** A parent that was not there when the run was made may be there now. */
async function deliverEnd(record: EndRecord, run: DeliveredRun, delivery: Delivery): Promise<void> {
  const { connection, runId } = delivery;
  const parent = await findParent(connection, run.experimentId, run.start.parent_run_id);
  const { error } = record;
  await deliverTags(
    {
      ...(parent === undefined ? {} : { [MLFLOW_PARENT_TAG]: parent }),
      ...(error === undefined
        ? {}
        : { [ERROR_TAG]: error.code === undefined ? error.message : `${error.code}: ${error.message}` }),
    },
    delivery,
  );
  await updateRun(connection, { runId, status: STATUS[record.status], endTime: record.time });
}
