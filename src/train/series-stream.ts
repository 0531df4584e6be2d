import type { StreamSettings } from "../data/index.ts";
import { spawnWorker, type WorkerHandle, workerUrl } from "../runtime/index.ts";
import type { SeriesCalls, SeriesWorkerSetup } from "./series-calls.ts";
import type { SharedSeries } from "./step-calls.ts";

export interface SeriesStreamOptions {
  readonly settings: StreamSettings;
  readonly batchSize: number;
  /** Held-out series: those of the steps −1, −2, … of the same stream, which no training step sees. */
  readonly validationSize: number;
  /** Threads that draw series while the engine trains on the batch before. */
  readonly workers: number;
}

/** Batches that are kept: one to train on, one that is being drawn. */
const SLOTS = 2;

/**
 * An endless stream of synthetic series as a dataset that changes: one channel, in shared memory, that lies there for an engine to
 * cut its windows from. A batch is a function of (seed, step), whatever the number of threads.
 */
export class SeriesStream {
  readonly dataset: SharedSeries;
  readonly validationStarts: Int32Array;
  readonly #options: SeriesStreamOptions;
  readonly #workers: readonly WorkerHandle<SeriesCalls>[];
  /** The batch that is being drawn ahead. */
  #ahead: { readonly step: number; readonly drawn: Promise<void> } | undefined;

  private constructor(options: SeriesStreamOptions) {
    const { settings, batchSize, validationSize } = options;
    const rows = (SLOTS * batchSize + validationSize) * lengthOf(settings);
    const masked =
      settings.missing > 0 || settings.recordings.some((recording) => recording.some(Number.isNaN));
    this.#options = options;
    this.dataset = {
      series: new Float32Array(new SharedArrayBuffer(rows * Float32Array.BYTES_PER_ELEMENT)),
      observed: masked ? new Uint8Array(new SharedArrayBuffer(rows)) : null,
      columns: ["value"],
      targetChannels: [0],
      conditionalChannels: [],
      context: settings.context,
      horizon: settings.horizon,
    };
    this.validationStarts = startsOf(settings, SLOTS * batchSize, validationSize);
    const { series: values, observed } = this.dataset;
    const setup: SeriesWorkerSetup = { settings, values, observed };
    const url = workerUrl("series-worker", import.meta.url);
    this.#workers = Array.from({ length: options.workers }, (_, index) =>
      spawnWorker<SeriesCalls>(url, setup, { name: `series-worker ${index}` }),
    );
  }

  /** Starts the threads and draws the held-out series. */
  static async start(options: SeriesStreamOptions): Promise<SeriesStream> {
    const stream = new SeriesStream(options);
    await stream.#draw(-1, SLOTS * options.batchSize, options.validationSize);
    return stream;
  }

  /** Where the series of a step begin, once they are drawn; those of the next step are begun then. They stay until the step after the next. */
  async batch(step: number): Promise<Int32Array> {
    const drawn = this.#ahead?.step === step ? this.#ahead.drawn : this.#drawBatch(step);
    await drawn;
    const ahead = this.#drawBatch(step + 1);
    ahead.catch(() => undefined); // raised where it is waited for
    this.#ahead = { step: step + 1, drawn: ahead };
    return startsOf(this.#options.settings, this.#slot(step), this.#options.batchSize);
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #slot(step: number): number {
    return (step % SLOTS) * this.#options.batchSize;
  }

  #drawBatch(step: number): Promise<void> {
    return this.#draw(step, this.#slot(step), this.#options.batchSize);
  }

  async #draw(step: number, into: number, count: number): Promise<void> {
    const share = (worker: number) => Math.floor((count * worker) / this.#workers.length);
    await Promise.all(
      this.#workers.map((worker, index) =>
        worker.call("fill", { step, into, from: share(index), to: share(index + 1) }),
      ),
    );
  }
}

function lengthOf({ context, horizon }: StreamSettings): number {
  return context + horizon;
}

function startsOf(settings: StreamSettings, first: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, index) => (first + index) * lengthOf(settings));
}
