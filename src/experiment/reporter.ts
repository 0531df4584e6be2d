import type { TtmError } from "../core/index.ts";
import type { EpochReport, ForecastErrors, StepReport } from "../train/index.ts";
import type { TestErrors } from "./compare-forecasts.ts";

/** What is going to run, as the header shows it. */
export interface ExperimentHeader {
  readonly experimentName: string;
  readonly runDir: string | null;
  readonly model: string;
  /** Where the weights come from, in a sentence's end: `folder …` or `random initialisation`. */
  readonly weights: string;
  readonly data: { readonly name: string; readonly rows: number; readonly channels: number };
  readonly windows: { readonly train: number; readonly validation: number; readonly test: number };
  readonly trainable: number;
  readonly total: number;
  readonly percent: number;
  readonly method: string;
  /** What of the model that takes in: `14 layers: fc1 ×4, …`. */
  readonly chosen?: string;
  readonly device: string;
  readonly workers: number;
}

/** Errors of the three forecasts that every experiment compares, on the test split. */
export interface Comparison {
  readonly naive: ForecastErrors;
  readonly zeroShot: TestErrors;
  /** Absent where nothing was trained. */
  readonly fineTuned: TestErrors | null;
  readonly columns: readonly string[];
  readonly seasonLength: number;
}

/** Told what an experiment does while it does it. Every method is optional; none may throw. */
export interface ExperimentReporter {
  header?(header: ExperimentHeader): void;
  /** A sentence that the user should see once. */
  note?(text: string): void;
  /** Something went wrong that does not end the run, such as a server that cannot be reached. */
  warning?(warning: TtmError): void;
  step?(report: StepReport): void;
  epoch?(report: EpochReport): void;
  /** A phase without steps begins: evaluating, saving. */
  phase?(name: string): void;
  comparison?(comparison: Comparison): void;
}
