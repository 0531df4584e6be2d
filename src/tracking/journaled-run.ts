import type { ExperimentEnd, ExperimentStart } from "./experiment-tracker.ts";
import type { FollowedRun, Follower } from "./follower.ts";
import { RunRecorder, type RunRecorderOptions } from "./run/run-recorder.ts";
import { asTtmError, warnSafely } from "./warnings.ts";

/** Makes the followers of a run; a fault in it costs that follower only. */
export type FollowRun = (run: FollowedRun) => readonly Follower[];

/** One run with its journal and the followers that read it. */
export class JournaledRun {
  readonly recorder: RunRecorder;
  readonly #followers: readonly Follower[];

  private constructor(recorder: RunRecorder, followers: readonly Follower[]) {
    this.recorder = recorder;
    this.#followers = followers;
    recorder.journal.onGrowth(() => {
      for (const follower of followers) follower.wake(recorder.journal.size);
    });
  }

  static async start(
    start: ExperimentStart,
    options: RunRecorderOptions,
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
    return new JournaledRun(recorder, followers);
  }

  async end(end: ExperimentEnd): Promise<void> {
    await this.recorder.end(end);
    await Promise.all(this.#followers.map((follower) => follower.finish()));
  }
}
