import { readFileSync } from "node:fs";
import type { PlainValue } from "../../src/config/index.ts";
import type { SamplerFactory } from "../../src/sweep/index.ts";
import { randomSampler, sobolSampler, tpeSampler } from "../../src/sweep/index.ts";
import { rankSumWorse } from "./rank-sum.ts";
import { samplerProblems } from "./sampler-problems.ts";
import { runStudy } from "./sampler-study.ts";
import { sharedFile } from "./shared-file.ts";
import { median, round } from "./statistics.ts";

interface Compared {
  readonly factory: SamplerFactory;
  readonly settings: ReadonlyMap<string, PlainValue>;
}

/** Ours, by the baseline's names. */
const samplers: Readonly<Record<string, Compared>> = {
  random: { factory: randomSampler, settings: new Map() },
  sobol: { factory: sobolSampler, settings: new Map() },
  tpe: { factory: tpeSampler, settings: new Map([["multivariate", false]]) },
  tpe_multi: { factory: tpeSampler, settings: new Map() },
};

const checkpoints = [60, 200];
const seeds = 40;

interface Stored {
  readonly q3: number;
  readonly median: number;
  readonly values: readonly number[];
}

type Baseline = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Stored>>>>>>;

/**
 * Our samplers on the baseline's problems, 40 seeds each, beside what Optuna reached: `holds` where our median is at most
 * Optuna's third quartile and the rank-sum test does not say worse at 1 %.
 */
export async function* benchSamplers(): AsyncIterable<Record<string, unknown>> {
  const stored = JSON.parse(readFileSync(sharedFile("baselines/optuna_samplers.json"), "utf8"));
  const baseline: Baseline = stored.results;
  for (const [problem, { distributions }] of Object.entries(samplerProblems)) {
    for (const [sampler, { factory, settings }] of Object.entries(samplers)) {
      const begun = performance.now();
      const curves = Array.from({ length: seeds }, (_, seed) =>
        runStudy(factory({ distributions, seed, settings }), problemOf(problem), { seed, checkpoints }),
      );
      const ms = (performance.now() - begun) / seeds / Math.max(...checkpoints);
      for (const trials of checkpoints) {
        const values = curves.map((curve) => curve.get(trials) ?? Number.NaN);
        const theirs = baseline[problem]?.[sampler]?.[String(trials)];
        yield { problem, sampler, trials, ...besideStored(values, theirs), ms_per_trial: round(ms, 3) };
      }
    }
  }
}

function problemOf(name: string) {
  const problem = samplerProblems[name];
  if (problem === undefined) throw new Error(`no problem ${name}`);
  return problem;
}

function besideStored(values: readonly number[], theirs: Stored | undefined): Record<string, unknown> {
  const ours = median(values);
  if (theirs === undefined) return { median: round(ours, 6) };
  const p = rankSumWorse(values, theirs.values);
  const holds = ours <= theirs.q3 && p >= 0.01 ? "holds" : "WORSE";
  return {
    holds,
    median: round(ours, 6),
    optuna_median: round(theirs.median, 6),
    optuna_q3: round(theirs.q3, 6),
    p_worse: round(p, 4),
  };
}
