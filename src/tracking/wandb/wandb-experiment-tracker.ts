import { join } from "node:path";
import type { FollowedRun, Follower } from "../follower.ts";
import { JournaledTracker, type JournaledTrackerOptions } from "../journaled-tracker.ts";
import { WandbFollower } from "./wandb-follower.ts";
import { readWandbSettings, type WandbOptions, type WandbSettings } from "./wandb-settings.ts";
import { wandbStateFolder } from "./wandb-state.ts";

export interface WandbTrackerOptions extends JournaledTrackerOptions, WandbOptions {
  /** Where `WANDB_PROJECT` and the others are read from; the process's own when left out. */
  readonly env?: NodeJS.ProcessEnv;
  /** How long `endExperiment` waits for the file, in seconds; 30 when left out. The rest waits for `ttm sync`. */
  readonly deadlineSeconds?: number;
}

const DEFAULT_DEADLINE_SECONDS = 30;

/**
 * Records runs for Weights & Biases, offline: `wandb/offline-run-…/run-<id>.wandb` in the run's folder, as wandb itself writes them, which
 * `wandb sync FOLDER` sends. Needs neither Python nor a network nor an account. Every call goes to a local journal first.
 *
 *     const tracker = new WandbExperimentTracker({ project: "forecasts" });
 *
 * @throws {WandbError} WANDB_SETTING
 */
export class WandbExperimentTracker extends JournaledTracker {
  readonly readable = false;
  readonly #settings: WandbSettings;
  readonly #deadlineMilliseconds: number;

  constructor(options: WandbTrackerOptions = {}) {
    super(options);
    this.#settings = readWandbSettings(options, options.env ?? process.env);
    this.#deadlineMilliseconds = 1_000 * (options.deadlineSeconds ?? DEFAULT_DEADLINE_SECONDS);
  }

  journalPath(runDir: string): string {
    return join(wandbStateFolder(runDir), "journal.jsonl");
  }

  follow(run: FollowedRun): readonly Follower[] {
    if (this.#settings.disabled) return [];
    const { onWarning } = this;
    const deadlineMilliseconds = this.#deadlineMilliseconds;
    return [new WandbFollower({ settings: this.#settings, run, onWarning, deadlineMilliseconds })];
  }
}
