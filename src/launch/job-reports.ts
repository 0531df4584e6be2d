import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
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

/** Reads what a job reports as it comes: each time only what is new, whatever the file's length. */
export class ReportReader {
  readonly #file: string;
  #at = 0;

  constructor(folder: string) {
    this.#file = join(folder, reportsName);
  }

  /**
   * What has come since the last time, all attempts together. A line that is being written comes the next time; one that is
   * damaged, as by a machine that died while it wrote, is left out: its step is only one of many.
   */
  read(): readonly JobReport[] {
    if (!existsSync(this.#file)) return [];
    const lines = this.#newBytes();
    const end = lines.lastIndexOf(0x0a) + 1;
    this.#at += end;
    return lines.subarray(0, end).toString("utf8").split("\n").flatMap(parseReport);
  }

  #newBytes(): Buffer {
    const descriptor = openSync(this.#file, "r");
    try {
      const { size } = fstatSync(descriptor);
      const bytes = Buffer.alloc(Math.max(0, size - this.#at));
      return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, this.#at));
    } finally {
      closeSync(descriptor);
    }
  }
}

/** What a job reported so far, all attempts together; see {@link ReportReader}. */
export function readReports(folder: string): readonly JobReport[] {
  return new ReportReader(folder).read();
}

function parseReport(line: string): JobReport[] {
  try {
    const report = withNumbers(JSON.parse(line) as JobReport);
    return typeof report.step === "number" && typeof report.value === "number" ? [report] : [];
  } catch {
    return [];
  }
}

function noReport(value: unknown, step: unknown): LaunchError {
  return new LaunchError(
    "LAUNCH_REPORT",
    `a report is a number and a step, not (${String(value)}, ${String(step)})`,
    { fix: "await context.report(validationLoss, epoch)" },
  );
}
