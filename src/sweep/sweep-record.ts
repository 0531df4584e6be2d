import type { PointReport, SweepRequest } from "./sweeper.ts";

/** How a job of a sweep ended, as its folder and its log tell it. */
export interface RecordedOutcome {
  readonly num: number | null;
  /** The swept keys with the job's values, as text. */
  readonly params: Readonly<Record<string, string>>;
  readonly status: string;
  readonly result: unknown;
  readonly reports?: readonly PointReport[];
  /** ISO 8601. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** A sweep that has run. */
export interface SweepRecord {
  /** What its sweeper was made from. */
  readonly request: SweepRequest;
  readonly outcomes: readonly RecordedOutcome[];
}
