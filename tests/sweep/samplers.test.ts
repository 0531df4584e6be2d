import { describe, expect, it } from "vitest";
import { rankSumWorse } from "../../scripts/bench/rank-sum.ts";
import { samplerProblems } from "../../scripts/bench/sampler-problems.ts";
import { runStudy } from "../../scripts/bench/sampler-study.ts";
import { median } from "../../scripts/bench/statistics.ts";
import type { SamplerFactory, Trial } from "../../src/sweep/index.ts";
import { randomSampler, tpeSampler } from "../../src/sweep/index.ts";
import { dominatedVolume, nonDominatedFirst, paretoFront } from "../../src/sweep/pareto.ts";
import { splitTrials } from "../../src/sweep/samplers/split-trials.ts";

/** The third quartiles of Optuna 5.0.0 after 60 trials, multivariate TPE, 40 seeds. */
const bars = { sphere10: 13.2945, branin: 0.6455, hartmann6: -2.934, lora_noisy: 0.002528 };

function bestAfter60(problem: string, factory: SamplerFactory): number[] {
  const { distributions } = samplerProblems[problem] ?? {};
  if (distributions === undefined) throw new Error(`no problem ${problem}`);
  return Array.from({ length: 7 }, (_, seed) => {
    const sampler = factory({ distributions, seed: seed + 100, settings: new Map() });
    const study = { seed, checkpoints: [60] };
    return (
      runStudy(sampler, samplerProblems[problem] ?? { distributions, value: () => 0, noise: 0 }, study).get(
        60,
      ) ?? 0
    );
  });
}

describe("TPE", () => {
  it.each(Object.entries(bars))(
    "comes as far as Optuna's on %s: median of 7 seeds below its third quartile",
    (problem, bar) => {
      expect(median(bestAfter60(problem, tpeSampler))).toBeLessThan(bar);
    },
  );

  it("is better than chance", () => {
    const [tpe, random] = [bestAfter60("sphere10", tpeSampler), bestAfter60("sphere10", randomSampler)];
    expect(rankSumWorse(random, tpe)).toBeLessThan(0.01);
  });

  it("goes elsewhere while a trial runs: the liar", () => {
    const line = { kind: "float", low: 0, high: 1, log: false, step: null } as const;
    const ended = Array.from({ length: 30 }, (_, index): Trial => {
      const x = index / 29;
      return { values: [x], state: "completed", losses: [(x - 0.5) ** 2], last: undefined };
    });
    const running = Array.from(
      { length: 8 },
      (): Trial => ({ values: [0.5], state: "running", losses: [], last: undefined }),
    );
    const distance = (liar: boolean) => {
      const sampler = tpeSampler({
        distributions: [line],
        seed: 1,
        settings: new Map([["constant_liar", liar]]),
      });
      const far = Array.from({ length: 20 }, (_, num) =>
        Math.abs((sampler.propose(100 + num, [...ended, ...running])[0] ?? 0) - 0.5),
      );
      return median(far);
    };
    expect(distance(true)).toBeGreaterThan(distance(false));
  });
});

describe("splitTrials", () => {
  const trial = (state: Trial["state"], loss: number, step?: number): Trial => ({
    values: [loss],
    state,
    losses: state === "completed" ? [loss] : [],
    last: step === undefined ? undefined : { step, loss },
  });

  it("takes completed trials by loss, then pruned ones by how far they came; failed ones are in neither heap", () => {
    const trials = [
      trial("pruned", 1, 3),
      trial("completed", 5),
      trial("failed", 0),
      trial("pruned", 0.5, 2),
      trial("running", 0),
      trial("completed", 4),
      trial("pruned", 0.7, 3),
    ];
    const { good, others } = splitTrials(trials, 3);
    expect(good.map(({ values }) => values[0])).toEqual([5, 4, 0.7]);
    expect(others.map(({ state }) => state)).toEqual(["pruned", "pruned", "running"]);
  });
});

describe("Pareto", () => {
  const items = [
    [1, 5],
    [2, 2],
    [3, 3],
    [5, 1],
    [4, 4],
    [2, 2],
  ].map((losses) => ({ losses }));

  it("finds the front, equal points included", () => {
    expect(paretoFront(items).map(({ losses }) => losses)).toEqual([
      [1, 5],
      [2, 2],
      [5, 1],
      [2, 2],
    ]);
  });

  it("fills up from the next front", () => {
    expect(nonDominatedFirst(items, 5).map(({ losses }) => losses)).toContainEqual([3, 3]);
  });

  it.each<[string, number[][], number[], number]>([
    ["one point in the plane", [[1, 1]], [3, 4], 6],
    [
      "two that overlap",
      [
        [1, 2],
        [2, 1],
      ],
      [3, 3],
      3,
    ],
    ["one in space", [[0, 0, 0]], [2, 3, 4], 24],
    [
      "two in space",
      [
        [0, 1, 1],
        [1, 0, 0],
      ],
      [2, 2, 2],
      5,
    ],
    ["a line", [[2], [1]], [4], 3],
  ])("measures the volume of %s", (_, points, corner, volume) => {
    expect(dominatedVolume(points, corner)).toBeCloseTo(volume, 12);
  });
});

describe("rankSumWorse", () => {
  // scipy 1.17.1: mannwhitneyu(ours, theirs, alternative="greater", method="asymptotic")
  it.each<[number[], number[], number]>([
    [[1, 2, 3, 4, 5], [2, 3, 4, 5, 6], 0.8548266],
    [[3.5, 4, 9, 10, 11], [1, 2, 3, 4, 4.5, 5], 0.0497878],
    [[1, 1, 2, 2], [1, 2, 2, 3], 0.8658092],
  ])("%j against %j", (ours, theirs, p) => {
    expect(rankSumWorse(ours, theirs)).toBeCloseTo(p, 6);
  });
});
