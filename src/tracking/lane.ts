/** What a lane does after a fault: wait so many milliseconds and try again, or give up. */
export type AfterFault = { readonly retryIn: number } | "stop";

export interface LaneOptions {
  /** Brings over what there is; called again and again, and once more after `finish`. */
  readonly drain: () => Promise<void>;
  readonly afterFault: (fault: unknown) => AfterFault;
  /** New records are looked for this often. */
  readonly everyMilliseconds: number;
}

/** Work that follows a journal in the background: drains it now and then, waits after faults, and finishes when it is told to. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #loop: Promise<void>;
  #failures = 0;
  #finishing = false;
  #stopped = false;
  #complete = false;
  #waiting: (() => void) | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#loop = this.#work();
  }

  /** Faults since the last drain that succeeded. */
  get failures(): number {
    return this.#failures;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Whether the last drain, begun after `finish`, succeeded. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Drains now, unless it waits after a fault. */
  wake(): void {
    if (this.#failures === 0) this.#waiting?.();
  }

  /** The journal has its last record: the next drain that succeeds is the last one. */
  finish(): void {
    this.#finishing = true;
    this.#waiting?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting?.();
  }

  /** Settles when the lane has finished or stopped. */
  done(): Promise<void> {
    return this.#loop;
  }

  async #work(): Promise<void> {
    let wait = 0;
    while (!this.#stopped) {
      await this.#pause(wait);
      const last = this.#finishing;
      try {
        if (!this.#stopped) await this.#options.drain();
        this.#failures = 0;
        wait = this.#options.everyMilliseconds;
        if (last && !this.#stopped) this.#complete = true;
        if (last) return;
      } catch (fault) {
        if (this.#stopped) return;
        this.#failures += 1;
        const next = this.#options.afterFault(fault);
        if (next === "stop") this.#stopped = true;
        else wait = next.retryIn;
      }
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    if (milliseconds === 0 || this.#stopped || (this.#finishing && this.#failures === 0)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds).unref();
      this.#waiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#waiting = undefined;
  }
}

/** Waits for `work`, but no longer than this. The timer keeps the process alive meanwhile. */
export async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
