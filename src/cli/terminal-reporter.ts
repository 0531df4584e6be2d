import { createLogUpdate } from "log-update";
import { formatDuration, formatError, type TtmError } from "../core/index.ts";
import type { Comparison, ExperimentHeader, ExperimentReporter } from "../experiment/index.ts";
import { comparisonTable } from "./comparison-table.ts";
import { formatLoss } from "./format.ts";
import { epochLine, headerLines } from "./run-lines.ts";

/** Steps between two redraws would be too many to see: at most one each so many milliseconds. */
const REDRAW_MS = 100;

export interface TerminalOptions {
  /** Progress and notes go here; results go to standard output. */
  readonly stream: NodeJS.WriteStream;
  readonly now?: () => number;
}

type Step = Parameters<NonNullable<ExperimentReporter["step"]>>[0];
type Epoch = Parameters<NonNullable<ExperimentReporter["epoch"]>>[0];

/** Shows a run to a person: a header, progress that redraws on a terminal and is one line an epoch elsewhere, a closing table. */
export class TerminalReporter implements ExperimentReporter {
  readonly #stream: NodeJS.WriteStream;
  readonly #now: () => number;
  readonly #live: ReturnType<typeof createLogUpdate> | undefined;
  #started: number | undefined;
  #drawn = 0;
  #lastEpoch: Epoch | undefined;
  /** Notes and warnings that came before the header; they stand under it. */
  #early: string[] | undefined = [];

  constructor({ stream, now = () => performance.now() }: TerminalOptions) {
    this.#stream = stream;
    this.#now = now;
    this.#live = stream.isTTY ? createLogUpdate(stream) : undefined;
  }

  header(header: ExperimentHeader): void {
    this.#line(headerLines(header).join("\n"));
    this.#flushNotes();
  }

  note(text: string): void {
    const line = `note        ${text}`;
    if (this.#early) this.#early.push(line);
    else this.#line(line);
  }

  warning(warning: TtmError): void {
    const text = formatError(warning).replace(/^error/, "warning");
    if (this.#early) this.#early.push(text);
    else this.#line(text);
  }

  phase(name: string): void {
    if (this.#live) this.#live(`${name} …`);
  }

  step(report: Step): void {
    const now = this.#now();
    this.#started ??= now;
    if (!this.#live || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    this.#live(this.#progress(report, now - this.#started));
  }

  epoch(report: Epoch): void {
    this.#lastEpoch = report;
    this.#line(epochLine(report));
  }

  comparison(comparison: Comparison): void {
    this.close();
    this.#stream.write(`\n${comparisonTable(comparison)}\n`);
  }

  /** Takes the live line away; call it when the run has ended, however it ended. */
  close(): void {
    this.#flushNotes();
    this.#live?.clear();
  }

  #flushNotes(): void {
    const notes = this.#early ?? [];
    this.#early = undefined;
    for (const text of notes) this.#line(text);
  }

  #progress({ step, totalSteps, epoch, loss }: Step, elapsed: number): string {
    const share = step / totalSteps;
    const left = (elapsed / share) * (1 - share);
    const bar = "█".repeat(Math.round(share * 24)).padEnd(24, "░");
    const validation = this.#lastEpoch?.validationLoss;
    return [
      `${bar} epoch ${epoch}`,
      `step ${step}/${totalSteps}`,
      `loss ${formatLoss(loss)}`,
      ...(validation === undefined || validation === null ? [] : [`val ${formatLoss(validation)}`]),
      `at most ${formatDuration(left)} left`,
    ].join("  ");
  }

  /** A line that stays, above the live one. */
  #line(text: string): void {
    this.#live?.clear();
    this.#stream.write(`${text}\n`);
  }
}
