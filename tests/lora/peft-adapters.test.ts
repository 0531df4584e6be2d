import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { addLoraAdapters, LoRAManager, loraModulesOf } from "../../src/lora/index.ts";
import { float32Tensor, readSafetensors, type Tensor } from "../../src/onnx/index.ts";
import {
  baseOutput,
  deviation,
  mixerGraph,
  mixerModel,
  outputOf,
  peftFolder,
  withInitializers,
} from "./mixer-model.ts";

const folders = readdirSync(peftFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const scratch = mkdtempSync(join(tmpdir(), "ttm-lora-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const model = mixerModel();
const graph = mixerGraph(model);

function expected(name: string): ReadonlyMap<string, Tensor> {
  return readSafetensors(join(peftFolder, name, "expected.safetensors")).tensors;
}

it("the base computes what torch computes", async () => {
  expect(deviation(await outputOf(graph), baseOutput.get("y") as Tensor)).toBeLessThan(1e-6);
});

describe.each(folders.map(({ name }) => name))("an adapter saved by PEFT: %s", (name) => {
  const folder = join(peftFolder, name);
  const y = expected(name).get("y") as Tensor;

  it("computes the same, trains the same number of values", async () => {
    const adapter = await LoRAManager.load(folder, model);
    const adapted = adapter.attach(graph);
    expect(adapted.unused.size).toBe(0);
    expect(deviation(await outputOf(adapted.graph), y)).toBeLessThan(1e-6);
    expect(adapter.counts.trainable).toBe(Number(expected(name).get("trainable")?.data[0]));
  });

  it("computes the same beside the weights, where dropout drops nothing", async () => {
    const { config, tensors } = await LoRAManager.load(folder, model);
    const dropping = { ...config, lora_dropout: 0.5 };
    const adapted = addLoraAdapters(graph, loraModulesOf(model), dropping, { tensors }).graph;
    const ratio = new Map([["lora_dropout.ratio", float32Tensor([], [0])]]);
    expect(adapted.nodes.filter(({ op }) => op === "Dropout").length).toBeGreaterThan(0);
    expect(deviation(await outputOf(withInitializers(adapted, ratio)), y)).toBeLessThan(1e-6);
  });

  it("merges to the same weights", async () => {
    const { weights, selfCheck } = (await LoRAManager.load(folder, model)).merge();
    for (const [key, tensor] of expected(name)) {
      if (!key.startsWith("merged.")) continue;
      expect(deviation(weights.get(key.slice("merged.".length)) as Tensor, tensor), key).toBeLessThan(2e-7);
    }
    expect(selfCheck).toBeLessThan(1e-6);
    expect(deviation(await outputOf(withInitializers(graph, weights)), y)).toBeLessThan(1e-6);
  });

  it("is written back as PEFT wrote it", async () => {
    const directory = join(scratch, name);
    await (await LoRAManager.load(folder, model)).save(directory);
    const file = "adapter_model.safetensors";
    expect(readSafetensors(join(directory, file))).toEqual(readSafetensors(join(folder, file)));
    expect(readConfig(directory)).toEqual(readConfig(folder));
  });
});

/** Sets have no order in PEFT; which Python class the base has is the caller's to say. */
function readConfig(directory: string): unknown {
  const value = JSON.parse(readFileSync(join(directory, "adapter_config.json"), "utf8")) as Record<
    string,
    unknown
  >;
  const { auto_mapping: _, base_model_name_or_path: __, ...config } = value;
  const targets = config["target_modules"];
  return { ...config, target_modules: Array.isArray(targets) ? [...targets].sort() : targets };
}
