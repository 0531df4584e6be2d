import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatError, Random, type TtmError } from "../../src/core/index.ts";
import { loadModel, ModelError } from "../../src/models/index.ts";
import { float32Tensor, halfTensor, readSafetensors, writeSafetensors } from "../../src/onnx/index.ts";
import { dataFolder } from "./support.ts";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "ttm-model-")), "checkpoint");
  cpSync(join(dataFolder, "ttm-same-width/model"), folder, { recursive: true });
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

const load = (overrides?: Readonly<Record<string, unknown>>, path = folder) =>
  loadModel({ path, random: Random.fromSeed(0), ...(overrides ? { overrides } : {}) });

function errorOf(run: () => unknown): TtmError {
  try {
    run();
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The printed form, without the temporary folder. */
const printed = (run: () => unknown) => formatError(errorOf(run)).replaceAll(folder, "FOLDER");

describe("a checkpoint", () => {
  it("says where it came from", () => {
    expect(load().source).toEqual({
      weights: "path",
      repo: null,
      path: folder,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      revision: null,
    });
  });

  it("in half precision is widened: its numbers stay", async () => {
    const file = join(folder, "model.safetensors");
    const { tensors } = readSafetensors(file);
    const half = [...tensors].map(([name, tensor]) => [name, halfTensor(tensor, "float16")] as const);
    await writeSafetensors(file, new Map(half));
    const name = "backbone.encoder.patcher.weight";
    const [found, exact] = [load().weights.get(name), tensors.get(name)];
    expect(found?.dtype).toBe("float32");
    for (const [index, value] of exact?.data.entries() ?? []) {
      expect(Math.abs(Number(found?.data[index]) - Number(value))).toBeLessThan(
        2 ** -11 * Math.abs(Number(value)) + 1e-7,
      );
    }
  });

  it("in a hub cache knows its revision", () => {
    const commit = "0123456789abcdef0123456789abcdef01234567";
    const snapshot = join(folder, "../models--ibm--ttm/snapshots", commit);
    cpSync(folder, snapshot, { recursive: true });
    expect(load(undefined, snapshot).source.revision).toBe(commit);
  });

  it("takes overrides; layers that they add start at random, layers that they take away go", () => {
    const plain = load();
    expect(plain.initialised).toEqual([]);
    const mixing = load({ decoder_mode: "mix_channel", head_dropout: 0.7 });
    expect(mixing.initialised.length).toBe(8);
    expect(mixing.initialised.every((name) => name.includes("channel_feature_mixer"))).toBe(true);
    expect(mixing.weights.get("backbone.encoder.patcher.weight")?.data).toEqual(
      plain.weights.get("backbone.encoder.patcher.weight")?.data,
    );
    expect(
      load({ use_decoder: false }).weights.has("decoder.decoder_block.mixers.0.feature_mixer.mlp.fc1.weight"),
    ).toBe(false);
  });

  it("is refused with every tensor that is missing, left over or of another shape", async () => {
    const file = join(folder, "model.safetensors");
    const tensors = new Map(readSafetensors(readFileSync(file)).tensors);
    const bias = tensors.get("head.base_forecast_block.bias");
    tensors.delete("head.base_forecast_block.bias");
    if (bias) tensors.set("head.base_forecast_blok.bias", bias);
    tensors.set("backbone.encoder.patcher.bias", float32Tensor([5], [1, 2, 3, 4, 5]));
    await writeSafetensors(file, tensors);
    expect(printed(() => load())).toMatchInlineSnapshot(`
      "error MODEL_WEIGHTS_MISMATCH: the weights do not fit the configuration: 1 missing, 1 unexpected, 1 of another shape or type
        at   FOLDER/model.safetensors
             backbone.encoder.patcher.bias: expected float32[12], the file has float32[5]
             missing head.base_forecast_block.bias float32[10] (nearest: head.base_forecast_blok.bias)
             unexpected head.base_forecast_blok.bias float32[10] (nearest: head.base_forecast_block.bias)
        fix  use the config.json that was saved with these weights, and overrides that keep the shapes of its layers"
    `);
  });

  it("is refused where an override changes the shape of its weights", () => {
    expect(errorOf(() => load({ prediction_length: 12 }))).toMatchObject({ code: "MODEL_WEIGHTS_MISMATCH" });
  });

  it("takes no misspelt override", () => {
    expect(printed(() => load({ decoder_mod: "mix_channel" }))).toMatchInlineSnapshot(`
      "error MODEL_BAD_CONFIG: the model configuration has no key 'decoder_mod'
        at   override decoder_mod="mix_channel"
        fix  did you mean 'decoder_mode' or 'decoder_d_model'?"
    `);
  });

  it("that is not there says what to type", () => {
    expect(printed(() => load(undefined, join(folder, "nowhere")))).toMatchInlineSnapshot(`
      "error MODEL_NOT_FOUND: the folder FOLDER/nowhere does not exist
        at   FOLDER/nowhere/config.json
        fix  set model.path to a folder with config.json and model.safetensors, or use model.weights=random"
    `);
    expect(printed(() => load(undefined, join(folder, "config.json")))).toMatchInlineSnapshot(`
      "error MODEL_NOT_FOUND: FOLDER/config.json is a file, not a folder
        at   FOLDER/config.json/config.json
        fix  model.path=FOLDER"
    `);
  });

  it("without weights is refused", () => {
    rmSync(join(folder, "model.safetensors"));
    expect(errorOf(() => load())).toMatchObject({ code: "MODEL_NOT_FOUND" });
  });

  it("with a broken config.json is refused", () => {
    writeFileSync(join(folder, "config.json"), "{");
    expect(errorOf(() => load())).toMatchObject({ code: "MODEL_BAD_CONFIG" });
    writeFileSync(join(folder, "config.json"), "[]");
    expect(errorOf(() => load())).toMatchObject({ code: "MODEL_BAD_CONFIG" });
  });

  it("of another generation is refused", () => {
    writeFileSync(
      join(folder, "config.json"),
      JSON.stringify({ model_type: "tinytimemixer", multi_scale: true }),
    );
    expect(printed(() => load())).toMatchInlineSnapshot(`
      "error MODEL_UNSUPPORTED: multi_scale = true is not supported
        at   FOLDER/config.json
        fix  use a TTM-R1, R2 or R2.1 checkpoint, whose configurations leave this key out or off"
    `);
  });
});
