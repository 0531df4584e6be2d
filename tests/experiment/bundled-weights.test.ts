import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { evaluateExperiment, HydraConfigManager } from "../../src/experiment/index.ts";
import { readSafetensors } from "../../src/onnx/index.ts";

const folder = join(import.meta.dirname, "../../data/weights/ttm-r2-512-96");
const ett = join(process.env["TTM_SHARED"] ?? join(import.meta.dirname, "../../../shared"), "data/ett");

function evaluate(words: readonly string[]) {
  const config = new HydraConfigManager().loadConfig(["model.weights=bundled", ...words]);
  return evaluateExperiment({ config, modelDir: null });
}

describe("the checkpoint that ships with the package", { timeout: 300_000 }, () => {
  it("is small, of the architecture of model=ttm_r2, in half precision", () => {
    const file = join(folder, "model.safetensors");
    expect(statSync(file).size).toBeLessThan(2e6);
    const { tensors } = readSafetensors(file);
    expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(["float16"]));
    const values = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(values).toBe(805_280);
    const { architecture } = new HydraConfigManager().loadConfig([]).model;
    expect(JSON.parse(readFileSync(join(folder, "config.json"), "utf8"))).toEqual(architecture);
  });

  it("says how it was made and under which licence it stands", () => {
    const card = readFileSync(join(folder, "README.md"), "utf8");
    expect(card).toMatch(/^license: apache-2\.0$/m);
    expect(card).toMatch(/ttm pretrain model=ttm_r2 seed=\d+ pretraining\.steps=\d+/);
  });

  it("forecasts the weather at Seattle better than last year's", async () => {
    const { naive, zeroShot } = await evaluate([]);
    expect(zeroShot.mse).toBeLessThan(0.8 * naive.mse);
  });

  it.skipIf(!existsSync(ett)).each([
    ["ett_h1", "ETTh1.csv", 0.385],
    ["ett_h2", "ETTh2.csv", 0.284],
  ])(
    "forecasts %s, which it has never seen (skipped where ../shared/data/ett is not there)",
    async (data, file, most) => {
      const { zeroShot } = await evaluate([`data=${data}`, `data.path=${join(ett, file)}`]);
      expect(zeroShot.mse).toBeLessThan(most);
    },
  );
});
