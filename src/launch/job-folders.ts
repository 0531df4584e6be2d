import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { claimFolder, makeFolder } from "./claim-folder.ts";
import { hydraText } from "./hydra-settings.ts";
import type { PlannedJob } from "./job.ts";
import type { OutputFolder } from "./output-folder.ts";
import type { SweepEvent } from "./sweep-event.ts";

/** What an older sweep left in a folder that is used again, and what would be taken for this sweep's. */
const ofOneJob = ["job.json", "outcome.json", "reports.jsonl", "output.log", "stop"];

/** Gives every job of a sweep a folder of its own. */
export class JobFolders {
  readonly #folder: OutputFolder;
  readonly #taken: Set<string>;

  /** @param events  of the sweep's earlier processes, whose folders stay their jobs' */
  constructor({ dir, isNew }: OutputFolder, events: readonly SweepEvent[]) {
    this.#folder = { dir, isNew, release: () => {} };
    this.#taken = new Set(
      events.flatMap((event) =>
        event.event === "started" || event.event === "ended" ? (event.dir ?? []) : [],
      ),
    );
  }

  /**
   * Two jobs never share a folder: where `hydra.sweep.subdir` gives the same name twice, the second gets `…-1`.
   *
   * @throws {LaunchError} LAUNCH_FOLDER
   */
  claim({ composition, num }: PlannedJob): string {
    const { dir, isNew } = this.#folder;
    const named = resolve(dir, hydraText(composition, "sweep.subdir") ?? "");
    const path = named === dir ? join(dir, String(num)) : named;
    if (isNew || this.#taken.has(path)) return claimFolder(path);
    this.#taken.add(path);
    makeFolder(path);
    for (const name of ofOneJob) rmSync(join(path, name), { force: true });
    return path;
  }
}
