/** Sites throttle or scold who asks the controller more often. */
export const minPollSeconds = 5;

/** The longest pause while the controller does not answer. */
const maxPauseMs = 120_000;

/** Of the interval: launchers that were started together do not ask together. */
const jitterShare = 0.1;

export interface PaceOptions {
  readonly intervalMs: number;
  /** Clock in milliseconds. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
}

/**
 * When `squeue` may be called: never twice within {@link minPollSeconds}, and after each call that failed twice as long a pause as
 * before, up to two minutes.
 */
export class PollPace {
  readonly #options: PaceOptions;
  #nextAt = Number.NEGATIVE_INFINITY;
  #failures = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** How many calls in a row had no answer. */
  get failures(): number {
    return this.#failures;
  }

  get isDue(): boolean {
    return this.#options.now() >= this.#nextAt;
  }

  /** To be called when a call has ended. */
  called(answered: boolean): void {
    this.#failures = answered ? 0 : this.#failures + 1;
    const interval = Math.max(this.#options.intervalMs, minPollSeconds * 1000);
    const pause = Math.min(interval * 2 ** Math.min(this.#failures, 16), Math.max(maxPauseMs, interval));
    this.#nextAt = this.#options.now() + pause * (1 + jitterShare * this.#options.random());
  }

  /** Something has just happened that shows in the queue soon: the next call is worth while, though not at once. */
  hurry(): void {
    const now = this.#options.now();
    const soon = now + minPollSeconds * 1000;
    this.#nextAt = this.#nextAt <= now ? soon : Math.min(this.#nextAt, soon);
  }
}
