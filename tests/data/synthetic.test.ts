import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { fillBatch, readRecordings, type SeriesBlock, type StreamSettings } from "../../src/data/index.ts";
import { drawPattern } from "../../src/data/synthetic/draw-pattern.ts";
import { drawSeries } from "../../src/data/synthetic/draw-series.ts";
import { addGaussianProcess } from "../../src/data/synthetic/gaussian-process.ts";
import { drawMissingSpans } from "../../src/data/synthetic/missing-spans.ts";
import { addAutoregression, addStochasticCycle, moments } from "../../src/data/synthetic/noise.ts";
import { CONTEXT_DEVIATION } from "../../src/data/synthetic/normalise-window.ts";

const settings: StreamSettings = {
  seed: 3,
  context: 512,
  horizon: 96,
  missing: 0.3,
  recorded: 0,
  recordings: [],
};
const LENGTH = settings.context + settings.horizon;

function block(series: number): SeriesBlock {
  return { values: new Float32Array(series * LENGTH), observed: new Uint8Array(series * LENGTH) };
}

function filled(changes: Partial<StreamSettings>, step = 0, series = 24): SeriesBlock {
  const into = block(series);
  fillBatch(into, { ...settings, ...changes }, { step, from: 0, to: series });
  return into;
}

describe("a batch of synthetic series", () => {
  it("is a function of seed, step and place, whoever draws which part of it", () => {
    const parts = block(24);
    for (const [from, to] of [
      [16, 24],
      [0, 5],
      [5, 16],
    ] as const)
      fillBatch(parts, settings, { step: 0, from, to });
    expect(parts).toEqual(filled({}));
    expect(filled({}, 1).values).not.toEqual(parts.values);
    expect(filled({ seed: 4 }).values).not.toEqual(parts.values);
    expect(filled({}, -1).values).not.toEqual(filled({}, 1).values);
  });

  it("has contexts of mean 0 and one deviation; what is missing is 0", () => {
    const { values, observed } = filled({}, 5, 200);
    for (let series = 0; series < 200; series++) {
      const seen: number[] = [];
      for (let t = 0; t < LENGTH; t++) {
        const place = series * LENGTH + t;
        if (observed?.[place] === 0) expect(values[place]).toBe(0);
        else if (t < settings.context) seen.push(values[place] as number);
      }
      const { mean, deviation } = moments(seen);
      expect(Math.abs(mean)).toBeLessThan(1e-4);
      expect(deviation).toBeLessThanOrEqual(CONTEXT_DEVIATION + 1e-4);
    }
  });

  it("has missing values in the share of the series that the settings say", () => {
    const { observed } = filled({ missing: 0.3 }, 0, 400);
    const shares = Array.from({ length: 400 }, (_, series) =>
      (observed ?? new Uint8Array()).subarray(series * LENGTH, (series + 1) * LENGTH).includes(0),
    );
    const share = shares.filter(Boolean).length / 400;
    expect(share).toBeGreaterThan(0.22);
    expect(share).toBeLessThan(0.38);
    expect(filled({ missing: 0 }).observed?.every((value) => value === 1)).toBe(true);
  });

  it("is finite and bounded, whatever is drawn", () => {
    const { values } = filled({}, 9, 600);
    expect(values.every((value) => Math.abs(value) <= 25 * CONTEXT_DEVIATION)).toBe(true);
  });
});

describe("the parts of a series", () => {
  it.each([7, 24, 96])("a pattern of period %i repeats itself, with mean 0 and deviation 1", (period) => {
    for (let seed = 0; seed < 30; seed++) {
      const pattern = drawPattern(Random.fromSeed(seed), period * 20, period);
      const { mean, deviation } = moments(pattern);
      expect(mean).toBeCloseTo(0, 6);
      expect(deviation).toBeCloseTo(1, 6);
      for (let t = 0; t < period; t++) expect(pattern[t + period]).toBeCloseTo(pattern[t] as number, 6);
    }
  });

  it("an autoregression has the deviation and the correlation that it was asked for", () => {
    const values = new Float64Array(200_000);
    addAutoregression(Random.fromSeed(1), values, { phi: 0.8, size: 2 });
    expect(moments(values).deviation).toBeCloseTo(2, 1);
    expect(correlation(values, 1)).toBeCloseTo(0.8, 2);
    expect(correlation(values, 3)).toBeCloseTo(0.8 ** 3, 1);
  });

  it("a stochastic cycle swings with its period", () => {
    const values = new Float64Array(20_000);
    addStochasticCycle(Random.fromSeed(2), values, { period: 20, radius: 0.99, size: 1 });
    expect(correlation(values, 20)).toBeGreaterThan(0.7);
    expect(correlation(values, 10)).toBeLessThan(-0.7);
  });

  it("a Gaussian process of a kernel that is never multiplied has its size and no trend of its own", () => {
    const means = Array.from({ length: 200 }, (_, seed) => {
      const values = new Float64Array(400);
      addGaussianProcess(Random.fromSeed(seed), values, { periods: [24], size: 1.5 });
      const { mean, deviation } = moments(values);
      expect(deviation).toBeCloseTo(1.5, 6);
      return mean;
    });
    expect(Math.max(...means.map(Math.abs))).toBeLessThan(1e-6);
  });

  it("missing spans leave the greater part of a series", () => {
    for (let seed = 0; seed < 200; seed++) {
      const observed = new Uint8Array(600).fill(1);
      drawMissingSpans(Random.fromSeed(seed), observed);
      const missing = observed.filter((value) => value === 0).length;
      expect(missing).toBeGreaterThan(0);
      expect(missing).toBeLessThanOrEqual(300);
    }
  });

  it("series differ in kind: some nearly repeat themselves, some wander", () => {
    const daily = Array.from({ length: 300 }, (_, seed) =>
      Math.abs(correlation(drawSeries(Random.fromSeed(seed), 600), 24)),
    );
    expect(daily.filter((value) => value > 0.9).length).toBeGreaterThan(20);
    expect(daily.filter((value) => value < 0.3).length).toBeGreaterThan(30);
  });
});

describe("recordings", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ttm-recordings-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (name: string, rows: number): string => {
    const lines = Array.from({ length: rows }, (_, row) => `d${row},${row % 50 === 3 ? "" : row},1`);
    const file = join(folder, name);
    writeFileSync(file, `day,count,same\n${lines.join("\n")}\n`);
    return file;
  };

  it("are the numeric columns of the files that change; their windows are mixed in, with what is missing", async () => {
    const recordings = await readRecordings([write("a.csv", 1000)], LENGTH);
    expect(recordings.length).toBe(1);
    const { values, observed } = filled({ recordings, recorded: 1, missing: 0 }, 0, 10);
    for (let series = 0; series < 10; series++) {
      const at = series * LENGTH;
      const rises = [...values.subarray(at, at + LENGTH)].filter((_, t) => observed?.[at + t] === 1);
      expect(rises.every((value, t) => t === 0 || value > (rises[t - 1] as number))).toBe(true);
      expect(rises.length).toBeLessThan(LENGTH);
    }
  });

  it("must be as long as a window", async () => {
    await expect(readRecordings([write("short.csv", 300)], LENGTH)).rejects.toMatchObject({
      code: "DATA_TOO_FEW_ROWS",
    });
  });
});

function correlation(values: Float64Array, lag: number): number {
  const { mean, deviation } = moments(values);
  let sum = 0;
  for (let t = lag; t < values.length; t++)
    sum += ((values[t] as number) - mean) * ((values[t - lag] as number) - mean);
  return sum / (values.length - lag) / deviation ** 2;
}
