import type { Composition, PlainValue } from "../config/index.ts";
import { pythonStr } from "../config/index.ts";
import { findCallback } from "./callback-registry.ts";
import { LaunchError } from "./errors.ts";
import { hydraMap } from "./hydra-settings.ts";
import type { JobContext, JobOutcome } from "./job.ts";

/** A run or a sweep as its callbacks see it. */
export interface RunEvent {
  /** The config with its hydra node. When a run starts it has no folder yet. */
  readonly composition: Composition;
  readonly configName: string | null;
}

type Answer = Promise<void> | void;

/**
 * What may be called around runs and jobs. The hooks of a start are called in the order of the config, those of an end
 * in the opposite one. What a hook throws becomes a warning.
 */
export interface Callback {
  /** Before a single run's job; its folder is not made yet. */
  onRunStart?(event: RunEvent): Answer;
  /** After a single run's job, failed or not. */
  onRunEnd?(event: RunEvent, outcome: JobOutcome): Answer;
  onMultirunStart?(event: RunEvent): Answer;
  /** After a sweep, even where jobs failed or it broke off. */
  onMultirunEnd?(event: RunEvent, outcomes: readonly JobOutcome[]): Answer;
  /** Where the job runs; `hydra.job.env_set` is in force. */
  onJobStart?(job: JobContext): Answer;
  /** Where the job ran, failed or not; the environment is the old one again. */
  onJobEnd?(job: JobContext, outcome: JobOutcome): Answer;
}

/** Makes a callback from what its config has beside `_target_`. */
export type CallbackFactory = (settings: ReadonlyMap<string, PlainValue>) => Callback;

interface Named {
  readonly name: string;
  readonly callback: Callback;
}

type Arguments<Hook extends keyof Callback> = Parameters<NonNullable<Callback[Hook]>>;

/** The callbacks of `hydra.callbacks`, made once for a command line. */
export class Callbacks {
  readonly #callbacks: readonly Named[];
  readonly #warn: (line: string) => void;

  /** @param warn  takes a line for standard error */
  constructor(callbacks: readonly Named[], warn: (line: string) => void) {
    this.#callbacks = callbacks;
    this.#warn = warn;
  }

  runStart(...args: Arguments<"onRunStart">): Promise<void> {
    return this.#each(this.#callbacks, "onRunStart", (callback) => callback.onRunStart?.(...args));
  }

  runEnd(...args: Arguments<"onRunEnd">): Promise<void> {
    return this.#each(this.#backwards(), "onRunEnd", (callback) => callback.onRunEnd?.(...args));
  }

  multirunStart(...args: Arguments<"onMultirunStart">): Promise<void> {
    return this.#each(this.#callbacks, "onMultirunStart", (callback) => callback.onMultirunStart?.(...args));
  }

  multirunEnd(...args: Arguments<"onMultirunEnd">): Promise<void> {
    return this.#each(this.#backwards(), "onMultirunEnd", (callback) => callback.onMultirunEnd?.(...args));
  }

  jobStart(...args: Arguments<"onJobStart">): Promise<void> {
    return this.#each(this.#callbacks, "onJobStart", (callback) => callback.onJobStart?.(...args));
  }

  jobEnd(...args: Arguments<"onJobEnd">): Promise<void> {
    return this.#each(this.#backwards(), "onJobEnd", (callback) => callback.onJobEnd?.(...args));
  }

  #backwards(): readonly Named[] {
    return this.#callbacks.toReversed();
  }

  async #each(
    callbacks: readonly Named[],
    hook: keyof Callback,
    call: (callback: Callback) => Answer | undefined,
  ): Promise<void> {
    for (const { name, callback } of callbacks) {
      try {
        await call(callback);
      } catch (error) {
        const what = error instanceof Error ? error.message : String(error);
        this.#warn(`warning: hydra.callbacks.${name} failed in ${hook}: ${what}\n`);
      }
    }
  }
}

/**
 * The callbacks that a config names, in its order.
 *
 * @param registered  the app's own, by the name that `_target_` gives
 * @throws {LaunchError} LAUNCH_UNKNOWN_CALLBACK, LAUNCH_SETTING
 */
export function makeCallbacks(
  composition: Composition,
  registered: Readonly<Record<string, CallbackFactory>>,
  warn: (line: string) => void,
): Callbacks {
  const made = [...hydraMap(composition, "callbacks")].flatMap(([name, settings]) => {
    // A null takes a callback out that another file brought in.
    if (settings === null) return [];
    const target = settings instanceof Map ? settings.get("_target_") : undefined;
    if (!(settings instanceof Map) || typeof target !== "string") throw noTarget(name, settings);
    const rest = [...settings].filter(([key]) => key !== "_target_");
    const own = new Map(rest.map(([key, value]): [string, PlainValue] => [pythonStr(key), value]));
    return [{ name, callback: findCallback(target, registered, name)(own) }];
  });
  return new Callbacks(made, warn);
}

function noTarget(name: string, settings: PlainValue): LaunchError {
  return new LaunchError(
    "LAUNCH_SETTING",
    `hydra.callbacks.${name} names no callback: ${pythonStr(settings)}`,
    {
      where: `hydra.callbacks.${name}`,
      fix: `hydra.callbacks.${name}._target_=NAME`,
    },
  );
}
