import type { FactsEvent, JobOutcome, SweepEvent } from "../launch/index.ts";
import { outcomeOfEvent } from "../launch/index.ts";
import type { Direction, Objective } from "../sweep/index.ts";
import type { SweepFacts, SweepView, ViewedJob } from "./sweep-view.ts";

/** Turns the events of a sweep's log back into what a view is told while the sweep runs. */
export class LoggedSweepReader {
  readonly #dir: string;
  readonly #jobs = new Map<number, ViewedJob>();
  #facts: SweepFacts;
  #count = 0;

  constructor(dir: string) {
    this.#dir = dir;
    this.#facts = { dir, total: undefined, objectives: undefined };
  }

  /** What the log last said of the whole sweep. */
  get facts(): SweepFacts {
    return this.#facts;
  }

  /** How many points were proposed. */
  get proposed(): number {
    return this.#count;
  }

  /** Takes an event, and tells the view; without one it only takes note. */
  read(event: SweepEvent, view: SweepView | undefined): void {
    if (event.event === "facts") this.#facts = this.#factsOf(event);
    else if (event.event === "proposed") this.#propose(event);
    else if (event.event === "started") view?.started(this.#job(event.num), event.attempt);
    else if (event.event === "report") view?.reported(event.num, event);
    else if (event.event === "retried") view?.retried(event.num, event.reason);
    else if (event.event === "ended") view?.ended(this.outcome(event));
  }

  outcome(event: Extract<SweepEvent, { event: "ended" }>): JobOutcome {
    const job = this.#job(event.num);
    return outcomeOfEvent(event, { overrides: job.overrides, params: job.sweep?.params ?? {} });
  }

  #propose({ num, overrides, params }: Extract<SweepEvent, { event: "proposed" }>): void {
    this.#count += 1;
    this.#jobs.set(num, { num, overrides, sweep: { dir: this.#dir, count: this.#facts.total, params } });
  }

  #job(num: number): ViewedJob {
    return this.#jobs.get(num) ?? { num, overrides: [], sweep: undefined };
  }

  #factsOf({ total, objectives }: FactsEvent): SweepFacts {
    const read = objectives?.map(
      ({ direction, metric }): Objective => ({
        direction: direction as Direction,
        metric: metric ?? undefined,
      }),
    );
    return { dir: this.#dir, total: total ?? undefined, objectives: read };
  }
}
