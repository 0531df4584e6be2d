import type { JobOutcome, SweepSummary } from "../launch/index.ts";
import { AppComposer } from "./app-composer.ts";
import type { BestJob } from "./best-job.ts";
import { bestJob } from "./best-job.ts";
import { multiRun, openMulti } from "./open-multi.ts";
import { resumedCommand } from "./resume-sweep.ts";
import type { Command } from "./run-command.ts";
import { runMulti } from "./run-multi.ts";
import type { SweepView } from "./sweep-view.ts";

/** How a sweep that a program ran has ended. */
export interface SweepResult {
  /** What `sweep.json` holds. */
  readonly summary: SweepSummary;
  /** In order of their numbers. */
  readonly outcomes: readonly JobOutcome[];
  /** By the sweep's one objective; undefined where it has none, or no job counts. */
  readonly best: BestJob | undefined;
  /** Absolute. */
  readonly dir: string;
}

/** A sweep that runs. Iterating gives each job's outcome as it ends; those that ended before a resume come first. */
export interface RunningSweep extends AsyncIterable<JobOutcome> {
  readonly result: Promise<SweepResult>;
}

/** Runs a sweep for a program: nothing is printed, and a failed job is an outcome. */
export function programSweep(
  command: Command,
  signal: AbortSignal,
  note: (line: string) => void,
): RunningSweep {
  const ended = new Feed<JobOutcome>();
  const view: SweepView = {
    begin: () => {},
    restored: (outcomes) => {
      for (const outcome of outcomes) ended.push(outcome);
    },
    started: () => {},
    reported: () => {},
    retried: (num, reason) => note(`#${num} is tried again: ${reason}`),
    ended: (outcome) => ended.push(outcome),
    print: (text) => note(text.trimEnd()),
    note,
    close: () => {},
  };
  const result = run(command, view, signal);
  result.then(
    () => ended.finish(),
    (error: unknown) => ended.finish({ error }),
  );
  return { result, [Symbol.asyncIterator]: () => ended.items() };
}

async function run(typed: Command, view: SweepView, signal: AbortSignal): Promise<SweepResult> {
  const check = await typed.checked();
  const { resume } = typed.line;
  const { command, composer } =
    resume === undefined
      ? { command: typed, composer: new AppComposer(typed.options, typed.line, typed.host) }
      : resumedCommand(typed, resume);
  const multi = multiRun(command, composer, { check, host: command.host });
  const opened = openMulti(command, composer, multi);
  try {
    const { summary, outcomes, objectives } = await runMulti(multi, opened, view, signal);
    return { summary, outcomes, best: bestJob(outcomes, objectives), dir: opened.folder.dir };
  } finally {
    opened.release();
  }
}

/** Items that come one by one, for one reader. */
class Feed<Item> {
  readonly #items: Item[] = [];
  #end: { readonly error?: unknown } | undefined;
  #wake: () => void = () => {};

  push(item: Item): void {
    this.#items.push(item);
    this.#wake();
  }

  finish(end: { readonly error?: unknown } = {}): void {
    this.#end = end;
    this.#wake();
  }

  async *items(): AsyncGenerator<Item> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#end === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      } else if ("error" in this.#end) throw this.#end.error;
      else return;
    }
  }
}
