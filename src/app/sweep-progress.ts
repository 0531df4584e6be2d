import { formatDuration } from "../core/index.ts";
import type { JobOutcome, JobReport } from "../launch/index.ts";
import { type BestJob, bestOf, bestText } from "./best-job.ts";
import { shownNumber } from "./shown-number.ts";
import type { SweepFacts, ViewedJob } from "./sweep-view.ts";

interface Running {
  readonly job: ViewedJob;
  readonly attempt: number;
  readonly since: number;
  readonly last: JobReport | undefined;
}

/** How far a sweep is: counts, what runs, the best job so far, and how long the rest will take. */
export class SweepProgress {
  readonly #facts: SweepFacts;
  readonly #running = new Map<number, Running>();
  readonly #counts = { completed: 0, pruned: 0, failed: 0, interrupted: 0, not_run: 0 };
  readonly #since: number;
  #endedHere = 0;
  #best: BestJob | undefined;

  /** @param since  the time at which the jobs whose ends are told began, in milliseconds */
  constructor(facts: SweepFacts, since: number) {
    this.#facts = facts;
    this.#since = since;
  }

  get running(): readonly Running[] {
    return [...this.#running.values()];
  }

  started(job: ViewedJob, attempt: number, now: number): void {
    this.#running.set(job.num ?? 0, { job, attempt, since: now, last: undefined });
  }

  reported(num: number, last: JobReport): void {
    const running = this.#running.get(num);
    if (running !== undefined) this.#running.set(num, { ...running, last });
  }

  restored(outcome: JobOutcome): void {
    this.#counts[outcome.status] += 1;
    this.#best = bestOf(this.#best, outcome, this.#facts.objectives);
  }

  ended(outcome: JobOutcome): void {
    this.#running.delete(outcome.num ?? 0);
    this.#endedHere += 1;
    this.restored(outcome);
  }

  /** `12 of 200 done, 1 failed, 2 running, about 3 min left`. */
  countLine(now: number): string {
    const { completed, pruned, failed } = this.#counts;
    const done = completed + pruned + failed;
    const { total } = this.#facts;
    const left = total === undefined || this.#endedHere === 0 ? undefined : total - done;
    const each = (now - this.#since) / Math.max(1, this.#endedHere);
    return [
      total === undefined ? `${done} done` : `${done} of ${total} done`,
      ...(pruned > 0 ? [`${pruned} pruned`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(this.#running.size > 0 ? [`${this.#running.size} running`] : []),
      ...(left === undefined || left === 0 ? [] : [`about ${formatDuration(each * left)} left`]),
    ].join(", ");
  }

  /** The best job so far; undefined where there is none, or the sweep says nothing of better and worse. */
  bestLine(): string | undefined {
    return this.#best && `best  ${bestText(this.#best)}`;
  }

  /** A line for each job that runs, the longest-running first. */
  runningLines(now: number, most: number): readonly string[] {
    const shown = this.running.slice(0, most).map(({ job, attempt, since, last }) => {
      const words = Object.entries(job.sweep?.params ?? {}).map(([key, value]) => `${key}=${value}`);
      return [
        `#${job.num}`,
        ...(words.length > 0 ? words : job.overrides),
        formatDuration(now - since),
        ...(last === undefined ? [] : [`step ${last.step}: ${shownNumber(last.value)}`]),
        ...(attempt > 1 ? [`attempt ${attempt}`] : []),
      ].join("  ");
    });
    const more = this.#running.size - shown.length;
    return more > 0 ? [...shown, `… and ${more} more`] : shown;
  }
}
