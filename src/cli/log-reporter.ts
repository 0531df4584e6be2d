import type { JobContext } from "../app/index.ts";
import { formatError, type TtmError } from "../core/index.ts";
import type { Comparison, ExperimentHeader, ExperimentReporter } from "../experiment/index.ts";
import { comparisonTable } from "./comparison-table.ts";
import { epochLine, headerLines } from "./run-lines.ts";

/** Writes what happens to the job's log file; steps are left to the metrics. */
export class LogReporter implements ExperimentReporter {
  readonly #log: JobContext["log"];

  constructor(log: JobContext["log"]) {
    this.#log = log;
  }

  header(header: ExperimentHeader): void {
    for (const line of headerLines(header)) this.#log(line);
  }

  note(text: string): void {
    this.#log(text, "WARNING");
  }

  warning(warning: TtmError): void {
    for (const line of formatError(warning).split("\n")) this.#log(line, "WARNING");
  }

  phase(name: string): void {
    this.#log(name);
  }

  epoch(report: Parameters<NonNullable<ExperimentReporter["epoch"]>>[0]): void {
    this.#log(epochLine(report));
  }

  comparison(comparison: Comparison): void {
    for (const line of comparisonTable(comparison).split("\n")) this.#log(line);
  }
}
