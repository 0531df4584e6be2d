import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeSafetensors, readSafetensors, type Tensor } from "../../src/onnx/index.ts";
import { listCases, replayFolder } from "./replay-folder.ts";

const own = join(import.meta.dirname, "data");
const shared = join(process.env["TTM_SHARED"] ?? resolve(import.meta.dirname, "../../../shared"), "goldens");

describe("the reference's answers, small models", () => {
  it.each(listCases(own))("%s", async (id) => {
    expect(await replayFolder(join(own, id))).toEqual({ ok: true, message: "" });
  });

  it("are all here", () => {
    expect(listCases(own).length).toBe(9);
  });
});

describe("the reference's answers, published weights and all small cases", () => {
  const cases = listCases(shared).filter((id) => !existsSync(join(own, id)));
  if (cases.length === 0)
    it.skip("../shared/goldens is not there (TTM_SHARED names another place)", () => {});

  // a train step of the published model takes tenths of a second: curves and wide gradients are left to `npm run goldens`
  const quick = cases.filter((id) => /^ttm-(tiny|forward|grad-dh)/.test(id));
  it.each(quick)("%s", async (id) => {
    const { ok, message } = await replayFolder(join(shared, id));
    expect(message).toBe("");
    expect(ok).toBe(true);
  });
});

/** Changes that a replay must see: an expected tensor moved by a little more than its tolerance, a stated fact altered. */
describe("a wrong answer fails", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ttm-goldens-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const cases = ["ttm-tiny-forward-exogenous", "ttm-tiny-curve-bias-lora-only"];
  const rules = cases.flatMap((id) => {
    const golden: { compare: { tensors: string; tolerance: number; scale: string }[] } = readCase(
      join(own, id),
    );
    return golden.compare.map((rule) => ({ id, ...rule }));
  });

  it.each(rules)(
    "$id: $tensors is compared to $tolerance of $scale",
    async ({ id, tensors: pattern, tolerance, scale }) => {
      const copy = copyOf(id);
      const file = join(copy, "tensors.safetensors");
      const { tensors, metadata } = readSafetensors(file);
      const name = [...tensors.keys()].find((key) => key.startsWith(pattern.replace("*", ""))) ?? "";
      writeFileSync(
        file,
        encodeSafetensors(new Map([...tensors, [name, moved(name, tensors, tolerance, scale)]]), metadata),
      );
      const { ok, message } = await replayFolder(copy);
      expect(ok).toBe(false);
      expect(message).toContain(`${name}: expected within ${tolerance}`);
    },
  );

  it.each<[string, (golden: Record<string, unknown>) => void, string]>([
    [
      "another layer",
      (golden) => {
        golden["resolved_targets"] = ["head"];
      },
      "expected the layers head",
    ],
    [
      "another number of parameters",
      (golden) => {
        golden["trainable_parameters"] = 1;
      },
      "expected 1 trainable",
    ],
    [
      "a tensor that nobody computes",
      (golden) => {
        golden["compare"] = [{ tensors: "expected.nothing", scale: "max", tolerance: 1 }];
      },
      "expected.nothing",
    ],
    [
      "another loss",
      (golden) => {
        golden["loss"] = "mae";
      },
      "expected.losses",
    ],
    [
      "another optimizer",
      (golden) => {
        const training = golden["training"] as { optimizer: Record<string, unknown> };
        training.optimizer["weight_decay"] = 0.5;
      },
      "expected.",
    ],
  ])("so does %s", async (_, change, message) => {
    const copy = copyOf("ttm-tiny-curve-bias-lora-only");
    const golden = readCase<Record<string, unknown>>(copy);
    change(golden);
    writeFileSync(join(copy, "case.json"), JSON.stringify(golden));
    expect(await replayFolder(copy)).toMatchObject({ ok: false, message: expect.stringContaining(message) });
  });

  function copyOf(id: string): string {
    const copy = mkdtempSync(join(folder, "case-"));
    cpSync(join(own, id), copy, { recursive: true });
    return copy;
  }
});

function readCase<Case>(folder: string): Case {
  return JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
}

/** The tensor with its last value moved by twice the tolerance, on the scale that the rule names. */
function moved(name: string, tensors: ReadonlyMap<string, Tensor>, tolerance: number, scale: string): Tensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`no tensor '${name}'`);
  const data =
    tensor.dtype === "float64"
      ? Float64Array.from(tensor.data, Number)
      : Float32Array.from(tensor.data, Number);
  const initial = tensors.get(name.replace("expected.final.", "initial."));
  const size = (value: number, index: number) =>
    Math.abs(scale === "change" ? value - Number(initial?.data[index]) : value);
  const largest = Math.max(...Array.from(data, size));
  data[data.length - 1] = (data.at(-1) ?? 0) + 2 * tolerance * largest;
  return { ...tensor, data };
}
