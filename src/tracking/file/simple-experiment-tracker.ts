import { join } from "node:path";
import type { Follower } from "../follower.ts";
import { JournaledTracker } from "../journaled-tracker.ts";

/**
 * Keeps a run in its folder: `journal.jsonl` and, to read, `metrics.jsonl`, `params.json`, `model_info.json`, `run_summary.json`.
 * Needs nothing but the disk.
 */
export class SimpleExperimentTracker extends JournaledTracker {
  readonly readable = true;

  journalPath(runDir: string): string {
    return join(runDir, "journal.jsonl");
  }

  follow(): readonly Follower[] {
    return [];
  }
}
