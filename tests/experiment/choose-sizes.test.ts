import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooseSizes, type MeasureStep } from "../../src/experiment/choose-sizes.ts";
import { engineSettings } from "../../src/experiment/engine-settings.ts";
import { HydraConfigManager } from "../../src/experiment/index.ts";

let folder: string;
let tried: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ttm-sizes-"));
  tried = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const cacheFile = () => join(folder, "cache", "sizes.json");

/** The rule by width says 8 windows; by the clock, 4 are best. */
const measure: MeasureStep = async ({ workers, microBatch }) => {
  const pieceWindows = microBatch ?? 8;
  tried.push(`${workers}x${pieceWindows}`);
  return { workers, pieceWindows, milliseconds: 100 + Math.abs(pieceWindows - 4) * 10 + (4 - workers) };
};

function choose(words: readonly string[], plannedSteps = 10_000, subject = "a model") {
  const config = new HydraConfigManager().loadConfig(["training.batch_size=32", ...words]);
  const settings = {
    ...engineSettings(config, "cpu"),
    ...(words.includes("runtime.workers=auto") ? { workers: 4 } : {}),
  };
  return chooseSizes({ config, settings, subject, plannedSteps, measure, cacheFile: cacheFile() });
}

describe("sizes that are auto", () => {
  it("are measured around what the rule says, and the fastest is taken", async () => {
    const shares = await choose(["runtime.micro_batch=auto", "runtime.workers=2"]);
    expect(shares).toMatchObject({ workers: 2, pieceWindows: 4 });
    expect(tried).toEqual(["2x8", "2x4", "2x16"]);
  });

  it("are tried together where both are", async () => {
    expect(await choose(["runtime.micro_batch=auto", "runtime.workers=auto"])).toMatchObject({
      workers: 4,
      pieceWindows: 4,
    });
    expect(tried).toEqual(["4x8", "4x4", "2x4", "2x8", "2x16"]);
  });

  it("are measured once, and again for another model or batch", async () => {
    const words = ["runtime.micro_batch=auto", "runtime.workers=2"];
    const first = await choose(words);
    tried = [];
    expect(await choose(words)).toEqual(first);
    expect(tried).toEqual([]);
    await choose(words, 10_000, "another model");
    await choose([...words, "training.batch_size=64"]);
    expect(tried.length).toBe(6);
    expect(Object.keys(JSON.parse(readFileSync(cacheFile(), "utf8"))).length).toBe(3);
  });

  it("are left alone where training is too short to win the time back", async () => {
    expect(await choose(["runtime.micro_batch=auto"], 100)).toBeUndefined();
    expect(tried.length).toBe(1);
    expect(existsSync(cacheFile())).toBe(false);
  });

  it("are not measured where none is auto, nor on a GPU", async () => {
    expect(await choose([])).toBeUndefined();
    expect(await choose(["runtime.micro_batch=auto", "runtime.steps_per_run=4"])).toBeUndefined();
    expect(tried).toEqual([]);
  });

  it("survive a damaged file", async () => {
    await choose(["runtime.micro_batch=auto", "runtime.workers=2"]);
    writeFileSync(cacheFile(), "{");
    expect(await choose(["runtime.micro_batch=auto", "runtime.workers=2"])).toMatchObject({
      pieceWindows: 4,
    });
  });
});
