import { TrackingError } from "../errors.ts";
import type { ExperimentTracker } from "../experiment-tracker.ts";
import { asTtmError, type OnWarning, warnSafely } from "../warnings.ts";

/** Calls that wait for a slow child; what comes beyond is counted, left out for this child, and said in a warning. */
const WAITING_AT_MOST = 100_000;

const FORGET_AFTER = 1_000;

type Call = (child: ExperimentTracker) => unknown;

/** One child's calls, in order, each begun when the one before it is done. What the child throws becomes a warning. */
export class ChildQueue {
  readonly #child: ExperimentTracker;
  readonly #onWarning: OnWarning;
  readonly #name: string;
  readonly #warned = new Set<string>();
  #calls: { readonly what: string; readonly call: Call }[] = [];
  #work: Promise<void> | undefined;
  #started = true;
  #dropped = 0;

  constructor(child: ExperimentTracker, onWarning: OnWarning) {
    this.#child = child;
    this.#onWarning = onWarning;
    this.#name = child.constructor.name || "a tracker";
  }

  /** @param what  the method's name, for warnings */
  push(what: string, call: Call): void {
    if (this.#calls.length >= WAITING_AT_MOST && what === "logMetrics") {
      this.#dropped += 1;
      return;
    }
    this.#calls.push({ what, call });
    this.#work ??= this.#run();
  }

  /** Waits until all calls are done, at most `milliseconds`. */
  async finish(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, milliseconds, "late");
    });
    const outcome = await Promise.race([this.#work ?? Promise.resolve(), limit]);
    clearTimeout(timer);
    if (outcome === "late" || this.#dropped > 0) {
      const left =
        (outcome === "late" ? `${this.#calls.length} calls still wait` : "it is done now") +
        (this.#dropped > 0 ? `, ${this.#dropped} were left out` : "");
      this.#warn("finish", new TrackingError("TRACKING_CHILD_SLOW", `${this.#name} is too slow: ${left}`));
    }
  }

  async #run(): Promise<void> {
    // Begins after the caller's own work: a slow child costs training nothing but its own synchronous part.
    await Promise.resolve();
    for (let at = 0; at < this.#calls.length; at = this.#next(at)) {
      const item = this.#calls[at];
      if (item !== undefined) await this.#make(item.what, item.call);
    }
    this.#calls = [];
    this.#work = undefined;
  }

  /** Forgets the calls that are done now and then, not one by one: a queue's front is costly to cut. */
  #next(at: number): number {
    if (at < FORGET_AFTER) return at + 1;
    this.#calls.splice(0, at + 1);
    return 0;
  }

  async #make(what: string, call: Call): Promise<void> {
    if (!this.#started) return;
    try {
      await call(this.#child);
    } catch (fault) {
      if (what === "startExperiment") this.#started = false;
      this.#warn(what, asTtmError(fault, "TRACKING_CHILD_FAILED", `${this.#name}.${what} failed`));
    }
  }

  #warn(what: string, warning: Parameters<OnWarning>[0]): void {
    if (this.#warned.has(what)) return;
    this.#warned.add(what);
    warnSafely(this.#onWarning, warning);
  }
}
