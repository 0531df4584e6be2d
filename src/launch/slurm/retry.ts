/** The first pause, in milliseconds; each is twice as long as the one before. */
const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** A shared disk that is away comes back sooner than this, or an administrator is needed. */
const GIVE_UP_MS = 600_000;

/** When something that failed may be tried again: ever more rarely, and not for ever. */
export class Retry {
  #since: number | undefined;
  #pause = FIRST_MS;
  #nextAt = Number.NEGATIVE_INFINITY;

  /** @param now  milliseconds, of a clock that does not run backwards */
  isDue(now: number): boolean {
    return now >= this.#nextAt;
  }

  succeeded(): void {
    this.#since = undefined;
    this.#pause = FIRST_MS;
    this.#nextAt = Number.NEGATIVE_INFINITY;
  }

  /** @returns whether it is worth another try */
  failed(now: number): boolean {
    this.#since ??= now;
    this.#nextAt = now + this.#pause;
    this.#pause = Math.min(2 * this.#pause, LONGEST_MS);
    return now - this.#since < GIVE_UP_MS;
  }
}
