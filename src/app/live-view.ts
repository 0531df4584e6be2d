import { createLogUpdate } from "log-update";
import { endText } from "./plain-view.ts";
import { SweepProgress } from "./sweep-progress.ts";
import type { SweepView } from "./sweep-view.ts";

/** Two redraws are at least so far apart. */
const REDRAW_MS = 100;
/** Times that run are redrawn this often. */
const TICK_MS = 1000;
/** Lines that the rest of the picture takes. */
const OTHER_LINES = 4;

/** A sweep on a terminal: a picture that is drawn over, with what deserves to stay above it. */
export class LiveView implements SweepView {
  readonly #stream: NodeJS.WriteStream;
  readonly #draw: ReturnType<typeof createLogUpdate>;
  readonly #timer: NodeJS.Timeout;
  #progress: SweepProgress | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#draw = createLogUpdate(stream);
    this.#timer = setInterval(() => this.#redraw(), TICK_MS).unref();
  }

  begin(facts: Parameters<SweepView["begin"]>[0]): void {
    this.#progress = new SweepProgress(facts, Date.now());
    this.print(`sweep  ${facts.dir}\n`);
  }

  restored(outcomes: Parameters<SweepView["restored"]>[0]): void {
    for (const outcome of outcomes) this.#progress?.restored(outcome);
    this.#redraw();
  }

  started(job: Parameters<SweepView["started"]>[0], attempt: number): void {
    this.#progress?.started(job, attempt, Date.now());
    this.#redraw();
  }

  reported(...[num, report]: Parameters<SweepView["reported"]>): void {
    this.#progress?.reported(num, report);
    this.#redraw();
  }

  retried(num: number, reason: string): void {
    this.print(`#${num}  is tried again: ${reason}\n`);
  }

  ended(outcome: Parameters<SweepView["ended"]>[0]): void {
    this.#progress?.ended(outcome);
    if (outcome.status === "failed") this.print(`#${outcome.num}  ${endText(outcome)}\n`);
    else this.#redraw();
  }

  note(line: string): void {
    this.print(`note: ${line}\n`);
  }

  /** Text that stays, above the picture. */
  print(text: string): void {
    this.#draw.clear();
    this.#stream.write(text);
    this.#drawnAt = Number.NEGATIVE_INFINITY;
    this.#redraw();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#draw.clear();
    this.#progress = undefined;
  }

  #redraw(): void {
    const now = Date.now();
    if (this.#progress === undefined || now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    const room = Math.max(1, (this.#stream.rows ?? 24) - OTHER_LINES);
    const best = this.#progress.bestLine();
    const lines = [
      this.#progress.countLine(now),
      ...(best === undefined ? [] : [best]),
      ...this.#progress.runningLines(now, room),
    ];
    const width = this.#stream.columns ?? 80;
    this.#draw(lines.map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line)).join("\n"));
  }
}
