import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeModel } from "../../src/onnx/index.ts";
import { type TinyExperiment, tinyExperiment } from "../experiment/tiny-experiment.ts";
import { runHere } from "./run-ttm.ts";

let tiny: TinyExperiment;
beforeAll(async () => {
  tiny = await tinyExperiment();
});
afterAll(() => tiny.remove());

const folder = (name: string) => join(tiny.root, name);
const exportTo = (name: string, ...words: string[]) =>
  runHere(["export", "train-step", ...words, "--output", folder(name)]);

function read(name: string) {
  const manifest = JSON.parse(readFileSync(join(folder(name), "train-step.json"), "utf8"));
  const graph = decodeModel(readFileSync(join(folder(name), manifest.files.model)));
  const bytes = readFileSync(join(folder(name), manifest.files.parameters));
  return { manifest, graph, parameters: new Float32Array(Uint8Array.from(bytes).buffer) };
}

describe("ttm export train-step", () => {
  it("writes a graph, a manifest of its signature, and the values to start from", async () => {
    const { code, stdout, stderr } = await exportTo("step", ...tiny.words);
    expect([code, stdout.trim().endsWith("step")], stderr).toEqual([0, true]);
    expect(tiny.files(folder("step"))).toEqual([
      "initial-parameters.bin",
      "train-step.json",
      "train-step.onnx",
    ]);
    const { manifest, graph, parameters } = read("step");
    const signature = (values: readonly { name: string; dtype: string; shape: readonly number[] }[]) =>
      values.map(({ name, dtype, shape }) => `${name} ${dtype}[${shape}]`);
    expect(signature(manifest.inputs)).toEqual(signature(graph.inputs));
    const states = manifest.inputs.filter(({ role }: { role: string }) => role === "state");
    expect(graph.outputs.map(({ name }) => name)).toEqual([
      ...states.map(({ next }: { next: string }) => next),
      ...manifest.outputs.map(({ name }: { name: string }) => name),
    ]);
    const last = manifest.parameters.at(-1);
    expect(parameters.length).toBe(last.offset + last.size);
    expect(last.name).toMatch(/^base_model\.model\..*\.lora_[AB]\.weight$/);
    expect(manifest.batch).toMatchObject({
      windows: 32,
      context: 32,
      horizon: 10,
      columns: ["load", "heat"],
    });
  });

  it("starts from what a run has trained", async () => {
    const { code, stderr } = await runHere([...tiny.words, `hydra.run.dir=${folder("run")}`]);
    expect(code, stderr).toBe(0);
    await exportTo("trained", folder("run"));
    expect(read("trained").parameters).not.toEqual(read("step").parameters);
    expect(read("trained").manifest.parameters).toEqual(read("step").manifest.parameters);
  });

  it("leaves dropout out where it is told to", async () => {
    await exportTo("plain", ...tiny.words, "--no-dropout");
    const roles = (name: string) =>
      new Set(read(name).manifest.inputs.map(({ role }: { role: string }) => role));
    expect(roles("plain")).toEqual(new Set(["state", "data"]));
    expect(roles("step")).toEqual(new Set(["state", "data", "dropout_mask"]));
  });

  it.each([
    [["export", "train-stp"], 2, "CLI_USAGE"],
    [["export", "train-step", "modl=ttm_r2"], 1, "CONFIG_UNKNOWN_GROUP"],
    [["export", "train-step", "model.path=nowhere"], 1, "MODEL_"],
  ])("%j ends with code %d and %s", async (words, exit, code) => {
    const ended = await runHere(words);
    expect(ended.code).toBe(exit);
    expect(ended.stderr).toContain(`error ${code}`);
    expect(ended.stderr).toContain("  fix  ");
  });
});
