import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Random } from "../../../src/core/index.ts";
import { listModules } from "../../../src/models/chronos/list-modules.ts";
import { parseBoltConfig } from "../../../src/models/chronos/schema.ts";
import { targetPresets } from "../../../src/models/chronos/target-presets.ts";
import { modelSettings, resolveModel } from "../../../src/models/index.ts";

const confFolder = join(import.meta.dirname, "../../../conf/model");
const settings = (size: string) =>
  modelSettings.parse(parse(readFileSync(join(confFolder, `chronos_bolt_${size}.yaml`), "utf8")));

const modulesOf = (size: string) => listModules(parseBoltConfig(settings(size).architecture, "conf"));

describe("the published sizes", () => {
  // chronos-architecture.md, section 1
  it.each([
    ["tiny", 8_652_672],
    ["mini", 21_236_096],
    ["small", 47_718_016],
    ["base", 205_292_928],
  ])("chronos_bolt_%s has %i parameters", (size, count) => {
    const shapes = modulesOf(size).flatMap(({ parameters }) => parameters.map(({ shape }) => shape));
    const total = shapes.reduce((sum, shape) => sum + shape.reduce((product, n) => product * n, 1), 0);
    expect(total).toBe(count);
  });

  // the same document, section 8.1
  it.each([
    ["query-value", 98_304],
    ["attention", 209_408],
  ])("adapts %i values of tiny with the preset %s at rank 8", (preset, count) => {
    const linear = modulesOf("tiny").flatMap((module) => (module.linear ? [module] : []));
    const chosen = new Set(targetPresets(linear.map(({ path }) => path))[preset]);
    const values = linear
      .filter(({ path }) => chosen.has(path))
      .reduce(
        (sum, module) => sum + 8 * (module.linear?.inFeatures ?? 0) + 8 * (module.linear?.outFeatures ?? 0),
        0,
      );
    expect(linear.length).toBe(70);
    expect(values).toBe(count);
  });
});

describe("the settings of chronos_bolt_tiny", () => {
  const resolve = (changes: object) =>
    resolveModel({ ...settings("tiny"), weights: "random", ...changes }, { random: Random.fromSeed(1) });

  it("take a shorter context, fewer steps and another dropout", async () => {
    const model = await resolve({ context_length: 96, prediction_filter_length: 8, dropout: 0.25 });
    expect([model.contextLength, model.predictionLength]).toEqual([96, 8]);
    expect(model.config).toMatchObject({ dropout_rate: 0.25, chronos_config: { input_patch_size: 16 } });
  });

  it("refuse a rate that the model does not have", async () => {
    await expect(resolve({ head_dropout: 0.1 })).rejects.toThrow(
      expect.objectContaining({ code: "MODEL_BAD_CONFIG", message: expect.stringContaining("head_dropout") }),
    );
  });
});
