import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { formatError, Random, type TtmError, TtmErrors } from "../../src/core/index.ts";
import {
  LoRAManager,
  type LoraConfig,
  loadAdapter,
  loraDefaults,
  loraModulesOf,
  parseLoraConfig,
} from "../../src/lora/index.ts";
import { float32Tensor, writeSafetensors } from "../../src/onnx/index.ts";
import { mixerGraph, mixerModel } from "./mixer-model.ts";

const model = mixerModel();
const scratch = mkdtempSync(join(tmpdir(), "ttm-lora-"));
afterAll(() => rmSync(scratch, { recursive: true }));

async function faultsOf(run: () => unknown): Promise<TtmError[]> {
  try {
    await run();
  } catch (error) {
    return error instanceof TtmErrors ? error.errors : [error as TtmError];
  }
  return [];
}

const create = (settings: Partial<LoraConfig>) =>
  LoRAManager.create(model, { ...loraDefaults, r: 2, ...settings }, Random.fromSeed(1));

describe("faults of the settings", () => {
  it.each<[string, Partial<LoraConfig>]>([
    ["LORA_NO_TARGET", { target_modules: ["q_proj", "v_proj"] }],
    ["LORA_NO_TARGET", { target_modules: [] }],
    ["LORA_NO_TARGET", { target_modules: "fc1" }],
    ["LORA_NO_TARGET", { target_modules: ["fc1"], modules_to_save: ["mlp"] }],
    ["LORA_NOT_LINEAR", { target_modules: ["fc1", "mlp"] }],
    ["LORA_NOT_LINEAR", { target_modules: "head.*" }],
    ["LORA_BAD_RANK", { target_modules: ["fc1"], r: 0 }],
    ["LORA_BAD_RANK", { target_modules: ["fc1"], rank_pattern: { fc1: 0 } }],
    ["LORA_BAD_RANK", { target_modules: ["fc1"], r: 3, init_lora_weights: "orthogonal" }],
    ["LORA_BAD_PATTERN", { target_modules: "fc(1" }],
    ["LORA_BAD_PATTERN", { target_modules: ["fc1"], alpha_pattern: { "[": 2 } }],
    ["LORA_BAD_CONFIG", { target_modules: ".*fc1", layers_to_transform: [0] }],
    ["LORA_BAD_CONFIG", { target_modules: ["fc1"], layers_pattern: "mixers" }],
    ["LORA_BAD_CONFIG", { target_modules: ["fc1"], lora_bias: true, use_dora: true }],
    ["LORA_NO_BIAS", { target_modules: ["wide"], lora_bias: true }],
    ["LORA_UNSUPPORTED", { target_modules: ["fc1"], init_lora_weights: "corda" }],
  ])("%s: %j", async (code, settings) => {
    expect((await faultsOf(() => create(settings))).map((fault) => fault.code)).toEqual([code]);
  });

  it.each([
    ["LORA_UNSUPPORTED", { use_qalora: true }],
    ["LORA_UNSUPPORTED", { trainable_token_indices: [1, 2] }],
    ["LORA_UNSUPPORTED", { init_lora_weights: "lora_ga" }],
    ["LORA_UNSUPPORTED", { peft_type: "IA3" }],
    ["LORA_UNSUPPORTED", { lora_alfa: 3 }],
    ["LORA_BAD_CONFIG", { bias: "some" }],
    ["LORA_BAD_CONFIG", { lora_dropout: 1 }],
    ["LORA_BAD_RANK", { r: -1 }],
    ["LORA_BAD_CONFIG", []],
  ])("%s in PEFT's keys: %j", async (code, settings) => {
    expect((await faultsOf(() => parseLoraConfig(settings))).map((fault) => fault.code)).toEqual([code]);
  });

  it("takes keys of newer versions that change nothing", () => {
    const value = { r: 2, target_modules: ["a"], brand_new: null, newer: {}, runtime_config: { x: 1 } };
    expect(parseLoraConfig(value)).toEqual({ ...loraDefaults, r: 2, target_modules: ["a"] });
  });
});

describe("faults of the files", () => {
  const stored = async (
    name: string,
    config: string,
    change: (keys: Map<string, number[]>) => void = () => {},
  ) => {
    const directory = join(scratch, name);
    mkdirSync(directory);
    writeFileSync(join(directory, "adapter_config.json"), config);
    const shapes = new Map([
      ["base_model.model.head.out.lora_A.weight", [2, 6]],
      ["base_model.model.head.out.lora_B.weight", [3, 2]],
    ]);
    change(shapes);
    const tensors = [...shapes].map(
      ([key, shape]) => [key, float32Tensor(shape, new Float32Array(shape.reduce((a, b) => a * b)))] as const,
    );
    await writeSafetensors(join(directory, "adapter_model.safetensors"), new Map(tensors));
    return directory;
  };
  const good = JSON.stringify({ peft_type: "LORA", r: 2, lora_alpha: 4, target_modules: ["out"] });
  const load = (directory: string) => faultsOf(() => loadAdapter(directory, loraModulesOf(model)));
  const codes = (faults: readonly TtmError[]) => faults.map(({ code }) => code);

  it("takes the smallest file that PEFT takes", async () => {
    expect(await load(await stored("good", good))).toEqual([]);
  });

  it("names a wrong key with the nearest one", async () => {
    const faults = await load(
      await stored("prefix", good, (keys) => {
        keys.delete("base_model.model.head.out.lora_A.weight");
        keys.set("base_model.head.out.lora_A.weight", [2, 6]);
      }),
    );
    expect(codes(faults)).toEqual(["LORA_MISSING_TENSOR", "LORA_UNEXPECTED_TENSOR"]);
    expect(faults[0]?.fix).toBe("did you mean 'base_model.head.out.lora_A.weight'?");
  });

  it("names a missing B", async () => {
    const faults = await load(
      await stored("no-b", good, (keys) => keys.delete("base_model.model.head.out.lora_B.weight")),
    );
    expect(codes(faults)).toEqual(["LORA_MISSING_TENSOR"]);
  });

  it("names a wrong shape", async () => {
    const faults = await load(
      await stored("shape", good, (keys) => keys.set("base_model.model.head.out.lora_B.weight", [2, 3])),
    );
    expect(codes(faults)).toEqual(["LORA_BAD_SHAPE"]);
    expect(faults[0]?.message).toContain("[2, 3], not [3, 2]");
  });

  it("names broken and absent files", async () => {
    expect(codes(await load(await stored("json", "{")))).toEqual(["LORA_BAD_FILE"]);
    expect(codes(await load(join(scratch, "nowhere")))).toEqual(["LORA_NO_ADAPTER"]);
  });

  it("refuses a pickle", async () => {
    const directory = join(scratch, "pickle");
    mkdirSync(directory);
    writeFileSync(join(directory, "adapter_config.json"), good);
    writeFileSync(join(directory, "adapter_model.bin"), "");
    expect((await load(directory))[0]?.fix).toContain("safe_serialization=True");
  });
});

it("refuses a merge that is not finite", async () => {
  const adapter = create({ target_modules: ["out"] });
  const nan = float32Tensor([3, 2], [Number.NaN, 0, 0, 0, 0, 0]);
  const broken = adapter.withTensors(new Map([["base_model.model.head.out.lora_B.weight", nan]]));
  expect((await faultsOf(() => broken.merge()))[0]?.code).toBe("LORA_NOT_FINITE");
});

it("refuses dropout where a weight is used in another way", async () => {
  const graph = mixerGraph(model);
  const nodes = graph.nodes.map((node) =>
    node.inputs.includes("head.wide.weight") ? { ...node, op: "Einsum" } : node,
  );
  const adapter = create({ target_modules: ["wide"], lora_dropout: 0.1 });
  const faults = await faultsOf(() => adapter.attach({ ...graph, nodes }));
  expect(faults[0]?.code).toBe("LORA_UNSUPPORTED");
});

describe("what is printed", () => {
  const printed = async (run: () => unknown) => (await faultsOf(run)).map(formatError).join("\n");

  it("for attention's names on a model without attention", async () => {
    expect(await printed(() => create({ target_modules: ["q_proj", "v_proj"] }))).toMatchInlineSnapshot(`
      "error LORA_NO_TARGET: target_modules ["q_proj","v_proj"] chooses no module of this model
        at   target_modules
        fix  linear layers here end in: attn_layer, fc1, fc2, out, wide
             or take a preset: lora.target_modules=head (there are head, mixers)"
    `);
  });

  it("for a module that is not linear", async () => {
    expect(await printed(() => create({ target_modules: ["mlp"] }))).toMatchInlineSnapshot(`
      "error LORA_NOT_LINEAR: target_modules also chooses modules that are not linear: enc.mixers.0.mlp, enc.mixers.1.mlp
        at   module enc.mixers.0.mlp
        fix  name the linear layers inside instead: fc1, fc2"
    `);
  });

  it("for a rank of 0", async () => {
    expect(await printed(() => create({ target_modules: ["fc1"], r: 0 }))).toMatchInlineSnapshot(`
      "error LORA_BAD_RANK: the rank must be a whole number of at least 1; r is 0
        at   LoRA settings
        fix  choose a rank such as 8; for full fine-tuning set training.lora_rank=null"
    `);
  });

  it("for a variant that is not offered, and for a slip of the hand", async () => {
    expect(
      await printed(() => parseLoraConfig({ use_qalora: true, lora_alfa: 3 }, "adapter_config.json")),
    ).toMatchInlineSnapshot(`
      "error LORA_UNSUPPORTED: the variant 'use_qalora' is not offered here
        at   adapter_config.json
        fix  set 'use_qalora' to false, or merge the adapter with PEFT and use the merged model
      error LORA_UNSUPPORTED: unknown key 'lora_alfa' with the value 3
        at   adapter_config.json
        fix  did you mean 'lora_alpha' or 'lora_bias'?; remove 'lora_alfa' if it does not matter"
    `);
  });
});
