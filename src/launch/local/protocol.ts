import type { ErrorRecord } from "../error-record.ts";
import type { ReportAnswer } from "../job.ts";

/** What a launcher tells a worker process. */
export type ToWorker =
  | { readonly kind: "run"; readonly folder: string }
  | { readonly kind: "answer"; readonly answer: ReportAnswer }
  | { readonly kind: "abort"; readonly reason: string };

/** What a worker process tells its launcher. */
export type FromWorker =
  /** It has loaded the program and waits for jobs. */
  | { readonly kind: "ready" }
  /** A job reported; the job waits for the answer. `value` as JSON text, which knows NaN only as a word. */
  | { readonly kind: "report"; readonly step: number; readonly value: string }
  /** The job has ended; how stands in its `outcome.json`. */
  | { readonly kind: "ended" }
  /** The job was not run. */
  | { readonly kind: "refused"; readonly error: ErrorRecord };
