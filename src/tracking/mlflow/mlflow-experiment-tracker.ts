import { join } from "node:path";
import type { Dispatcher } from "undici";
import type { FollowedRun, Follower } from "../follower.ts";
import { JournaledTracker, type JournaledTrackerOptions } from "../journaled-tracker.ts";
import { type ConnectionSettings, readConnectionSettings } from "./connection-settings.ts";
import { remoteFolder } from "./follower-state.ts";
import { MlflowFollower } from "./mlflow-follower.ts";

export interface MLflowTrackerOptions extends JournaledTrackerOptions {
  /** How long `endExperiment` waits until the server has everything, in seconds; 30 when left out. The rest waits for `syncRun`. */
  readonly deadlineSeconds?: number;
  /** Where `MLFLOW_TRACKING_TOKEN` and the others are read from; the process's own when left out. */
  readonly env?: NodeJS.ProcessEnv;
  /** undici's, for programs with a pool of their own and for tests. */
  readonly dispatcher?: Dispatcher;
  /** Uniform in [0, 1): the jitter of the waits between tries; `Math.random` when left out. */
  readonly random?: () => number;
}

const DEFAULT_DEADLINE_SECONDS = 30;

/**
 * Records runs on an MLflow server, 2.8 to 3.x. Every call goes to a local journal first, which a background sender follows: a server that
 * is slow, down or restarted costs neither training time nor a point.
 *
 *     const tracker = new MLflowExperimentTracker("http://127.0.0.1:5000");
 *
 * @throws {MlflowError} MLFLOW_URI, MLFLOW_SETTING
 */
export class MLflowExperimentTracker extends JournaledTracker {
  readonly readable = false;
  readonly #settings: ConnectionSettings;
  readonly #options: MLflowTrackerOptions;

  constructor(uri: string, options: MLflowTrackerOptions = {}) {
    super(options);
    this.#settings = readConnectionSettings(uri, options.env ?? process.env);
    this.#options = options;
  }

  journalPath(runDir: string): string {
    return join(remoteFolder(runDir, this.#settings.base), "journal.jsonl");
  }

  follow(run: FollowedRun): readonly Follower[] {
    return [
      new MlflowFollower({
        settings: this.#settings,
        run,
        onWarning: this.onWarning,
        deadlineMilliseconds: 1_000 * (this.#options.deadlineSeconds ?? DEFAULT_DEADLINE_SECONDS),
        dispatcher: this.#options.dispatcher,
        random: this.#options.random,
      }),
    ];
  }
}
