import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { TrackingError } from "../errors.ts";
import { type FoundRun, findRuns, journalOf } from "../run/find-runs.ts";
import { readRunView } from "./run-view.ts";

/**
 * The run that a word names: its folder, its folder's name, its own name, or the beginning of its id (4 characters or more).
 *
 * @param places  where to look for what is no folder
 * @throws {TrackingError} TRACKING_NO_RUN, naming those that fit where there are several
 */
export async function findRun(word: string, places: readonly string[]): Promise<FoundRun> {
  if (existsSync(word)) {
    const runDir = resolve(word);
    const journalPath = await journalOf(runDir);
    if (journalPath !== undefined) return { runDir, journalPath };
  }
  const all = (await Promise.all(places.map(findRuns))).flat();
  const fitting: FoundRun[] = [];
  for (const run of all) if (await isCalled(run, word)) fitting.push(run);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const what = only === undefined ? `there is no run '${word}'` : `'${word}' names ${fitting.length} runs`;
  const fix =
    only === undefined
      ? "ttm runs list shows the runs that there are"
      : `name one by its folder: ${fitting.map(({ runDir }) => runDir).join(", ")}`;
  throw new TrackingError("TRACKING_NO_RUN", what, { where: places.join(", "), fix });
}

async function isCalled(run: FoundRun, word: string): Promise<boolean> {
  if (basename(run.runDir) === word) return true;
  const { run_id, name } = await readRunView(run);
  return name === word || (word.length >= 4 && (run_id?.startsWith(word) ?? false));
}
