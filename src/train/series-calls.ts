import type { StreamSettings } from "../data/index.ts";

/** What a worker that draws series keeps. The arrays lie in shared memory. */
export interface SeriesWorkerSetup {
  readonly settings: StreamSettings;
  readonly values: Float32Array;
  readonly observed: Uint8Array | null;
}

/** Series of one batch, and where they go: `into` is the place of the batch's first series in the arrays. */
export interface SeriesRequest {
  readonly step: number;
  readonly from: number;
  readonly to: number;
  readonly into: number;
}

export interface SeriesCalls {
  fill(request: SeriesRequest): void;
}
