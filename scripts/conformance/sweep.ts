import { makeSweeper } from "../../src/app/make-sweeper.ts";
import type { SweepPoint } from "../../src/sweep/index.ts";
import { type Answer, canonicalAnswer } from "./answer.ts";
import { inCaseFolder, type Trees } from "./case-folder.ts";
import { judge, type ReplayResult } from "./replay.ts";
import { composerOf, jobAnswer, type SweepCase, sweepAnswer } from "./sweep-case.ts";
import { sweepDivergences } from "./sweep-divergences.ts";

export interface SweepCorpus {
  readonly trees?: Trees;
  readonly cases: readonly SweepCase[];
}

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
  return {
    jobs: points.map((point, num) => jobAnswer(composer.composeJob(point.overrides, num), num)),
    batches,
  };
}
