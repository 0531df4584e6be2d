import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { LoRAManager, type LoraConfig, loraDefaults } from "../../src/lora/index.ts";
import { deviation, mixerGraph, mixerModel, outputOf, withInitializers } from "./mixer-model.ts";

const model = mixerModel();
const graph = mixerGraph(model);
const scratch = mkdtempSync(join(tmpdir(), "ttm-lora-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const layers = ["fc1", "fc2", "attn_layer", "head.wide", "enc.mixers.1.mlp.fc2"];
const anyConfig: fc.Arbitrary<LoraConfig> = fc.record({
  r: fc.integer({ min: 1, max: 9 }),
  lora_alpha: fc.integer({ min: 1, max: 32 }),
  lora_dropout: fc.constantFrom(0, 0.1),
  target_modules: fc.oneof(
    fc.subarray(layers, { minLength: 1 }),
    fc.constantFrom("mixers", "all-linear", ".*fc[12]"),
  ),
  exclude_modules: fc.constantFrom(null, ["head.out"], ".*mixers\\.0\\.mlp\\.fc1"),
  layers_to_transform: fc.constant(null),
  layers_pattern: fc.constant(null),
  rank_pattern: fc.dictionary(fc.constantFrom("fc1", "mixers\\.0.*", "wide"), fc.integer({ min: 1, max: 5 })),
  alpha_pattern: fc.dictionary(fc.constantFrom("fc2", ".*gate.*"), fc.integer({ min: 1, max: 40 })),
  bias: fc.constantFrom("none", "all", "lora_only"),
  lora_bias: fc.constant(false),
  modules_to_save: fc.constantFrom(null, ["head.out"], ["norm"]),
  use_rslora: fc.boolean(),
  use_dora: fc.boolean(),
  init_lora_weights: fc.constantFrom(true, false, "gaussian"),
});

it("saved and loaded again, an adapter is itself", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(anyConfig, fc.integer(), async (config, seed) => {
      const directory = join(scratch, `adapter-${run++}`);
      const saved = LoRAManager.create(model, config, Random.fromSeed(seed));
      await saved.save(directory, { baseModel: "some/model" });
      const loaded = await LoRAManager.load(directory, model);
      expect(loaded.tensors).toEqual(saved.tensors);
      expect(loaded.report.targets).toEqual(saved.report.targets);
      expect({ ...loaded.config, target_modules: null }).toEqual({ ...saved.config, target_modules: null });
    }),
    { numRuns: 40 },
  );
});

it("merged, an adapter computes what it computes beside the weights", async () => {
  await fc.assert(
    fc.asyncProperty(anyConfig, fc.integer(), async (config, seed) => {
      const adapter = LoRAManager.create(
        model,
        { ...config, init_lora_weights: false },
        Random.fromSeed(seed),
      );
      const { weights, selfCheck } = adapter.merge();
      const beside = await outputOf(adapter.attach(graph, { training: false }).graph);
      expect(deviation(await outputOf(withInitializers(graph, weights)), beside)).toBeLessThan(3e-5);
      expect(selfCheck).toBeLessThan(1e-6);
    }),
    { numRuns: 25 },
  );
});

it("merging a start with B = 0 leaves every weight as it is", () => {
  const config: LoraConfig = { ...loraDefaults, target_modules: "all-linear" };
  const { weights } = LoRAManager.create(model, config, Random.fromSeed(0)).merge();
  expect(weights).toEqual(model.weights);
});
