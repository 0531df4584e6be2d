import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import {
  addLoraAdapters,
  LoRAManager,
  loraDefaults,
  loraModulesOf,
  mergeAdapters,
} from "../../src/lora/index.ts";
import { float32Tensor, GraphBuilder, type Tensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import { deviation, mixerGraph, mixerModel, outputOf } from "./mixer-model.ts";

const model = mixerModel();
const modules = loraModulesOf(model);
const graph = mixerGraph(model);
const random = () => Random.fromSeed(5);
const config = { ...loraDefaults, r: 2, target_modules: ["fc1", "fc2"] };

describe("a new adapter", () => {
  it.each([true, "gaussian"])("starts as the base with init %s", async (init_lora_weights) => {
    const adapted = addLoraAdapters(graph, modules, { ...config, init_lora_weights }, { random: random() });
    expect(await outputOf(adapted.graph)).toEqual(await outputOf(graph));
  });

  it("starts as the base with DoRA", async () => {
    const adapted = addLoraAdapters(graph, modules, { ...config, use_dora: true }, { random: random() });
    expect(deviation(await outputOf(adapted.graph), await outputOf(graph))).toBeLessThan(1e-6);
    expect(adapted.stopGradients.size).toBe(4);
  });

  it("does not start as the base with init false", async () => {
    const adapted = addLoraAdapters(
      graph,
      modules,
      { ...config, init_lora_weights: false },
      { random: random() },
    );
    expect(deviation(await outputOf(adapted.graph), await outputOf(graph))).toBeGreaterThan(1e-3);
  });

  it("starts as the base with orthogonal factors, though neither is zero", async () => {
    const adapter = LoRAManager.create(model, { ...config, init_lora_weights: "orthogonal" }, random());
    const largest = [...adapter.tensors.values()].map(({ data }) =>
      Math.max(...Array.from(data as Float32Array, Math.abs)),
    );
    expect(Math.min(...largest)).toBeGreaterThan(0.01);
    expect(deviation(await outputOf(adapter.attach(graph).graph), await outputOf(graph))).toBeLessThan(1e-6);
  });

  it("has neutral values that make it the base again", async () => {
    const settings = {
      ...config,
      use_dora: true,
      init_lora_weights: false,
      bias: "all",
      modules_to_save: ["head"],
    } as const;
    const adapter = LoRAManager.create(model, settings, random());
    const moved = [...adapter.tensors].map(
      ([key, { shape, data }]) =>
        [
          key,
          float32Tensor(
            shape,
            Float32Array.from(data as Float32Array, (value) => value + 0.1),
          ),
        ] as const,
    );
    const trained = adapter.withTensors(new Map(moved));
    expect(deviation(await outputOf(trained.attach(graph).graph), await outputOf(graph))).toBeGreaterThan(
      1e-2,
    );
    const neutral = trained.withTensors(trained.neutral);
    expect(deviation(await outputOf(neutral.attach(graph).graph), await outputOf(graph))).toBeLessThan(1e-6);
  });

  it("names what it trains as PEFT does, layer by layer", () => {
    const { trainable } = addLoraAdapters(
      graph,
      modules,
      { ...config, bias: "lora_only" },
      { random: random() },
    );
    const layer = "base_model.model.enc.mixers.0.mlp.fc1";
    expect(trainable.slice(0, 2)).toEqual([`${layer}.lora_A.weight`, `${layer}.lora_B.weight`]);
    expect(trainable[8]).toBe(`${layer}.base_layer.bias`);
    expect(trainable).toHaveLength(12);
  });

  it("is the same for the same seed", () => {
    const draw = () => LoRAManager.create(model, config, random()).tensors;
    expect(draw()).toEqual(draw());
  });
});

describe("how A and B start", () => {
  const wide = [{ path: "l", weight: "l.weight", bias: null, inFeatures: 400, outFeatures: 300 }];
  const zero = float32Tensor([300, 400], new Float32Array(120_000));
  const big = { weights: new Map([["l.weight", zero]]), modules: ["l"], linearModules: wide };
  const start = (init_lora_weights: boolean | string) => {
    const settings = { ...loraDefaults, r: 16, target_modules: ["l"], init_lora_weights };
    const { tensors } = LoRAManager.create(big, settings, random());
    return [...tensors.values()].map(({ data }) => {
      const values = Array.from(data as Float32Array);
      const deviates = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
      return { deviates, largest: Math.max(...values.map(Math.abs)) };
    });
  };
  const uniform = (bound: number) => ({ deviates: bound / Math.sqrt(3), bound });

  it.each([
    [true, uniform(1 / 20), uniform(0)],
    [false, uniform(1 / 20), uniform(1 / 4)],
    ["gaussian", { deviates: 1 / 16, bound: 1 }, uniform(0)],
  ])("with %s", (init, a, b) => {
    for (const [index, wanted] of [a, b].entries()) {
      const got = start(init)[index];
      expect(Math.abs((got?.deviates ?? Number.NaN) - wanted.deviates)).toBeLessThanOrEqual(
        0.03 * wanted.deviates,
      );
      expect(got?.largest).toBeLessThanOrEqual(wanted.bound);
    }
  });
});

describe("weights stored [in, out]", () => {
  const values = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i + n));
  const module = { path: "l", weight: "w", bias: null, inFeatures: 3, outFeatures: 2, transposed: true };
  const list = { linear: [module], all: ["l"] };
  const b = new GraphBuilder("transposed");
  const x = b.input("x", "float32", [4, 3]);
  b.output(b.op("MatMul", [x, b.initializer("w", float32Tensor([3, 2], values(6)))]), "y");
  const plain = b.build();
  const feeds = { x: float32Tensor([4, 3], values(12)) };

  it.each([false, true])("are adapted and merged in their own layout, DoRA %s", async (use_dora) => {
    const settings = { ...loraDefaults, r: 2, target_modules: ["l"], use_dora, init_lora_weights: false };
    const adapted = addLoraAdapters(plain, list, settings, { random: random() });
    const tensors = new Map(
      adapted.trainable.map((key) => [key, adapted.graph.initializers.get(key) as Tensor]),
    );
    const { weights } = mergeAdapters(plain.initializers, { config: settings, tensors }, list);
    const { y: wanted } = await evaluate({ ...plain, initializers: weights }, feeds);
    const { y } = await evaluate(adapted.graph, feeds);
    expect(deviation(y as Tensor, wanted as Tensor)).toBeLessThan(1e-6);
  });
});

describe("dropout", () => {
  it("gives every use of an adapter a mask of its own, only while training", () => {
    const dropping = { ...config, lora_dropout: 0.25 };
    const count = (training: boolean) =>
      addLoraAdapters(graph, modules, dropping, { random: random(), training }).graph.nodes.filter(
        ({ op }) => op === "Dropout",
      ).length;
    expect([count(true), count(false)]).toEqual([4, 0]);
  });

  it("leaves the base's part of a layer alone", async () => {
    const dropping = { ...config, lora_dropout: 0.9 };
    const adapted = addLoraAdapters(graph, modules, dropping, { random: random() });
    expect(deviation(await outputOf(adapted.graph), await outputOf(graph))).toBeLessThan(1e-6);
  });
});

describe("the report", () => {
  it("counts values", () => {
    // 4 → 8 and 8 → 4, twice, at rank 2: 4 · 2 · 12; the base: two mixers of 8 + 40 + 36 + 20, the head's 24 + 21
    const { counts } = LoRAManager.create(model, config, random());
    expect(counts).toEqual({ base: 253, trainable: 96, total: 349, percent: (100 * 96) / 349 });
  });

  it("warns of entries without a match and of adapters larger than their matrix", () => {
    const settings = {
      ...config,
      r: 3,
      target_modules: ["fc1", "fc3"],
      exclude_modules: ["gatee"],
      modules_to_save: ["tail"],
      rank_pattern: { attn_layer: 4 },
    };
    expect(LoRAManager.create(model, settings, random()).report.warnings).toEqual([
      "target_modules: 'fc3' matches nothing; did you mean 'fc1' or 'fc2'?",
      "exclude_modules: 'gatee' matches nothing; did you mean 'gate'?",
      "modules_to_save: 'tail' matches nothing",
      "rank_pattern: 'attn_layer' matches none of the adapted layers",
      "rank: 2 layers have more adapter values than the matrix itself (rank 3 on 8×4)",
    ]);
  });

  it("writes presets and all-linear out", () => {
    const listed = (target_modules: string) =>
      LoRAManager.create(model, { ...config, target_modules }, random()).config.target_modules;
    expect(listed("head")).toEqual(["head.wide", "head.out"]);
    expect(listed("All-Linear")).toHaveLength(8);
  });
});
