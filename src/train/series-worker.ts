import { workerData } from "node:worker_threads";
import { fillBatch } from "../data/index.ts";
import { serveWorker } from "../runtime/index.ts";
import type { SeriesCalls, SeriesRequest, SeriesWorkerSetup } from "./series-calls.ts";

const { settings, values, observed } = workerData as SeriesWorkerSetup;
const length = settings.context + settings.horizon;

function fill({ step, from, to, into }: SeriesRequest): void {
  const block = {
    values: values.subarray(into * length),
    observed: observed?.subarray(into * length) ?? null,
  };
  fillBatch(block, settings, { step, from, to });
}

serveWorker<SeriesCalls>({ fill });
