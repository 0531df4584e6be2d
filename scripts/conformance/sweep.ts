import { resolve } from "node:path";
import { AppComposer } from "../../src/app/app-composer.ts";
import { makeSweeper } from "../../src/app/make-sweeper.ts";
import { parseWords } from "../../src/app/parse-words.ts";
import { type Composition, nodeValue, pythonStr, toYaml } from "../../src/config/index.ts";
import { TtmError } from "../../src/core/index.ts";
import { hydraText } from "../../src/launch/index.ts";
import type { SweepPoint } from "../../src/sweep/index.ts";
import { type Answer, answerOf, canonicalAnswer } from "./answer.ts";
import { type CaseFiles, inCaseFolder, type Trees } from "./case-folder.ts";
import { type ReplayResult, judge } from "./replay.ts";
import { sweepDivergences } from "./sweep-divergences.ts";

export interface SweepCase extends CaseFiles {
  readonly id: string;
  readonly config: string | null;
  readonly overrides: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly expect: Answer;
}

export interface SweepCorpus {
  readonly trees?: Trees;
  readonly cases: readonly SweepCase[];
}

/** What the corpus records of one job. */
export interface SweepJob {
  readonly num: number;
  readonly overrides: readonly string[];
  readonly dirname: string | undefined;
  readonly subdir: string;
  readonly yaml: string;
}

const ownKinds: Readonly<Record<string, string>> = {
  SWEEP_KIND_UNSUPPORTED: "sweep-unsupported",
  SWEEP_EMPTY: "sweep-empty",
};

/** Sweeps each case with the basic sweeper and compares its jobs, in order, with Hydra's. */
export async function* replaySweep(corpus: SweepCorpus): AsyncIterable<ReplayResult> {
  for (const bare of corpus.cases) {
    const item = { ...bare, files: bare.files ?? corpus.trees?.[bare.tree ?? ""] ?? {} };
    yield await inCaseFolder(item, {}, (dir) => {
      const got = sweepAnswer(() => jobsOf(item, dir));
      return judge(item, got, sweepDivergences(dir), canonicalAnswer);
    });
  }
}

/** Our answer; the sweep room has kinds of its own. */
export function sweepAnswer(ask: () => Answer): Answer {
  return answerOf(() => {
    try {
      return ask();
    } catch (error) {
      const kind = error instanceof TtmError ? ownKinds[error.code] : undefined;
      if (kind === undefined) throw error;
      return { error: { kind } };
    }
  });
}

/** The command line's compositions, as the app makes them. */
export function composerOf(item: SweepCase, dir: string): AppComposer {
  const options = { name: "app", configDir: dir, configName: item.config, version: "1" };
  const host = { cwd: dir, env: { ...item.env }, stdout: () => {}, stderr: () => {}, now: () => new Date(0) };
  return new AppComposer(options, { ...parseWords([]), words: item.overrides }, host);
}

function jobsOf(item: SweepCase, dir: string): Answer {
  const composer = composerOf(item, dir);
  const master = composer.compose({ mode: "MULTIRUN", allowMissingChoices: true });
  const sweeper = makeSweeper({ master, overrides: composer.taskOverrides, sweepers: {} });
  const points: SweepPoint[] = [];
  const batches: number[] = [];
  for (let told = 0; ; ) {
    const next = sweeper.next();
    if (next !== "done" && next !== "wait") points.push(next);
    else if (points.length > told) batches.push(points.length - told);
    if (next === "done") break;
    while (next === "wait" && told < points.length) sweeper.tell({ num: told++, status: "completed" });
  }
  return { jobs: points.map((point, num) => jobAnswer(composer.composeJob(point.overrides, num), num)), batches };
}

export function jobAnswer(composition: Composition, num: number): SweepJob {
  const dirname = composition.read("hydra.job.override_dirname");
  const subdir = hydraText(composition, "sweep.subdir") ?? "";
  return {
    num,
    overrides: composition.overrides.task,
    dirname: dirname === undefined ? undefined : pythonStr(nodeValue(dirname)),
    subdir: resolve("/", subdir) === "/" ? String(num) : subdir,
    yaml: toYaml(composition.config),
  };
}
