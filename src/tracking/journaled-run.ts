import type { ExperimentEnd, ExperimentStart } from "./experiment-tracker.ts";
import type { FollowedRun, Follower, FollowerReport } from "./follower.ts";
import { RunRecorder, type RunRecorderOptions } from "./run/run-recorder.ts";
import { SystemSampler } from "./run/system-sampler.ts";
import { asTtmError, warnSafely } from "./warnings.ts";

/** Makes the followers of a run; a fault in it costs that follower only. */
export type FollowRun = (run: FollowedRun) => readonly Follower[];

export interface JournaledRunOptions extends RunRecorderOptions {
  /** How often the machine is sampled; 0 is never. */
  readonly systemMetricsSeconds: number;
}

/** One run with its journal and the followers that read it. */
export class JournaledRun {
  readonly recorder: RunRecorder;
  readonly #followers: readonly Follower[];
  readonly #sampler: SystemSampler | undefined;

  private constructor(recorder: RunRecorder, followers: readonly Follower[], systemMetricsSeconds: number) {
    this.recorder = recorder;
    this.#followers = followers;
    recorder.journal.onGrowth(() => {
      for (const follower of followers) follower.wake(recorder.journal.size);
    });
    if (systemMetricsSeconds > 0) {
      this.#sampler = new SystemSampler({
        everySeconds: systemMetricsSeconds,
        folder: recorder.runDir,
        onSample: (values) => recorder.logSystem(values),
      });
    }
  }

  static async start(
    start: ExperimentStart,
    options: JournaledRunOptions,
    follow: readonly FollowRun[],
  ): Promise<JournaledRun> {
    const recorder = await RunRecorder.open(start, options);
    const followers = follow.flatMap((make) => {
      try {
        return make({ runDir: start.runDir, journalPath: options.journalPath });
      } catch (fault) {
        warnSafely(
          options.onWarning,
          asTtmError(fault, "TRACKING_CHILD_FAILED", "a tracker cannot follow this run"),
        );
        return [];
      }
    });
    return new JournaledRun(recorder, followers, options.systemMetricsSeconds);
  }

  /** What each follower has done. */
  async end(end: ExperimentEnd): Promise<readonly FollowerReport[]> {
    this.#sampler?.stop();
    await this.recorder.end(end);
    return Promise.all(this.#followers.map((follower) => follower.finish()));
  }
}
