import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GoldenCase } from "../../scripts/goldens/case.ts";
import { compareResults } from "../../scripts/goldens/compare.ts";
import { replayForward } from "../../scripts/goldens/forward.ts";
import { float32Tensor } from "../../src/onnx/index.ts";
import { dataFolder } from "./support.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ttm-golden-"));
  cpSync(join(dataFolder, "ttm-levels"), folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

function edit(change: (golden: Record<string, unknown>) => void): void {
  const file = join(folder, "case.json");
  const golden = JSON.parse(readFileSync(file, "utf8"));
  change(golden);
  writeFileSync(file, JSON.stringify(golden));
}

describe("a replay", () => {
  it("fails where the model computes something else", async () => {
    edit((golden) => {
      golden["config_overrides"] = { norm_eps: 0.01 };
    });
    const { ok, message } = await replayForward(folder);
    expect(ok).toBe(false);
    expect(message).toMatch(/expected\.predictions: expected within 0\.00001 of the scale .*, got /);
  });

  it("fails where the case cannot be read by the model", async () => {
    edit((golden) => {
      golden["model"] = "./nowhere";
    });
    expect(await replayForward(folder)).toMatchObject({
      ok: false,
      message: expect.stringContaining("got the error"),
    });
  });

  it("says that it has no such family", async () => {
    edit((golden) => {
      golden["family"] = "chronos-t5";
    });
    expect(await replayForward(folder)).toMatchObject({ ok: true, skipped: true });
  });
});

describe("comparing", () => {
  const tensors = new Map([
    ["initial.a", float32Tensor([2], [0, 0])],
    ["expected.final.a", float32Tensor([2], [1, 2])],
    ["expected.grad.a", float32Tensor([1], [1000])],
    ["expected.grad.b", float32Tensor([1], [0])],
  ]);
  const golden = (tensor: string, scale: "max" | "change", tolerance: number): GoldenCase => ({
    id: "case",
    kind: "curve",
    family: "ttm",
    model: "./model",
    folder: "",
    tensors,
    compare: [{ tensors: tensor, scale, tolerance }],
  });

  it("measures final values by their change", () => {
    const rule = golden("expected.final.*", "change", 0.1);
    expect(compareResults(rule, new Map([["expected.final.a", [1.19, 2]]]))).toEqual([]);
    expect(compareResults(rule, new Map([["expected.final.a", [0, 0]]])).length).toBe(1);
  });

  it("measures small gradients by a thousandth of the largest", () => {
    const rule = golden("expected.grad.*", "max", 0.1);
    const got = (b: number) =>
      new Map([
        ["expected.grad.a", [1000]],
        ["expected.grad.b", [b]],
      ]);
    expect(compareResults(rule, got(0.09))).toEqual([]);
    expect(compareResults(rule, got(0.11)).length).toBe(1);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("takes no %d", (value) => {
    const rule = golden("expected.final.a", "max", 10);
    expect(compareResults(rule, new Map([["expected.final.a", [value, 2]]])).length).toBe(1);
  });

  it("misses what is not there", () => {
    expect(compareResults(golden("expected.final.*", "max", 1), new Map())).toEqual([
      "expected expected.final.a, got nothing",
    ]);
  });
});
