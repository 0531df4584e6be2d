import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LaunchError } from "./errors.ts";
import type { JobReport, PreparedJob, ReportAnswer } from "./job.ts";
import { toJson, withNumbers } from "./json-numbers.ts";

/** The file in a job's folder with the values that it reported, one line each. */
const reportsName = "reports.jsonl";

type Listener = (job: PreparedJob, report: JobReport) => Promise<ReportAnswer>;

/** The intermediate values of one job while it runs. */
export class JobReports {
  readonly #job: PreparedJob;
  readonly #listener: Listener | undefined;
  #last: JobReport | undefined;
  #stopped = false;

  constructor(job: PreparedJob, listener: Listener | undefined) {
    this.#job = job;
    this.#listener = listener;
  }

  get last(): JobReport | undefined {
    return this.#last;
  }

  /** Whether the job was told to stop. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** @throws {LaunchError} LAUNCH_REPORT */
  async report(value: number, step: number): Promise<ReportAnswer> {
    if (typeof value !== "number" || !Number.isFinite(step)) throw noReport(value, step);
    const report = { step, value };
    this.#last = report;
    const { attempt, outputDir, sweep } = this.#job;
    // Only a sweep reads them.
    if (sweep !== undefined)
      appendFileSync(join(outputDir, reportsName), `${toJson({ ...report, attempt })}\n`);
    const answer = (await this.#listener?.(this.#job, report)) ?? "continue";
    if (answer === "stop") this.#stopped = true;
    return answer;
  }
}

/** What a job reported so far, all attempts together; a line that is being written is left out. */
export function readReports(folder: string): readonly JobReport[] {
  const file = join(folder, reportsName);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => withNumbers(JSON.parse(line) as JobReport));
}

function noReport(value: unknown, step: unknown): LaunchError {
  return new LaunchError(
    "LAUNCH_REPORT",
    `a report is a number and a step, not (${String(value)}, ${String(step)})`,
    { fix: "await context.report(validationLoss, epoch)" },
  );
}
