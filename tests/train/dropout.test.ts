import { describe, expect, it } from "vitest";
import { checkGradients } from "../../src/autodiff/index.ts";
import { Random } from "../../src/core/index.ts";
import { float32Tensor, type Graph, GraphBuilder } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import { type DropoutMask, drawMasks, feedDropoutMasks } from "../../src/train/index.ts";

const maskOf = (size: number, ratio: number): DropoutMask => ({ input: "mask", shape: [size], size, ratio });
const draw = (masks: readonly DropoutMask[], at: { seed: number; step: number; piece: number }) =>
  drawMasks(masks, new Uint8Array(masks.reduce((sum, { size }) => sum + size, 0)), at).map((mask) => [
    ...mask,
  ]);
const one = (mask: DropoutMask, seed: number, step: number, piece: number) =>
  draw([mask], { seed, step, piece })[0] as number[];
const shareOfZeros = (values: readonly number[]) =>
  values.filter((value) => value === 0).length / values.length;

describe("masks", () => {
  const SIZE = 40_001;

  it.each([0.1, 0.2, 0.3, 0.5, 0.7, 0.9])("drop a share of about %d", (ratio) => {
    const deviation = Math.sqrt((ratio * (1 - ratio)) / SIZE);
    for (const seed of [0, 1, 42, 2 ** 31]) {
      expect(Math.abs(shareOfZeros(one(maskOf(SIZE, ratio), seed, 3, 1)) - ratio)).toBeLessThan(
        5 * deviation,
      );
    }
  });

  it("drop nothing at 0 and hold only zeros and ones", () => {
    expect(shareOfZeros(one(maskOf(SIZE, 0), 1, 0, 0))).toBe(0);
    expect(new Set(one(maskOf(SIZE, 0.5), 1, 0, 0))).toEqual(new Set([0, 1]));
  });

  it("are the same for the same seed, step and piece", () => {
    const masks = [maskOf(7, 0.3), maskOf(1, 0.5), maskOf(64, 0.2)];
    const at = { seed: 9, step: 4, piece: 2 };
    expect(draw(masks, at)).toEqual(draw(masks, at));
  });

  it.each<[string, [number, number, number]]>([
    ["seed", [2, 5, 3]],
    ["step", [1, 6, 3]],
    ["piece", [1, 5, 4]],
  ])("are others for another %s: half of the values agree by chance", (_, [seed, step, piece]) => {
    const [a, b] = [one(maskOf(SIZE, 0.5), 1, 5, 3), one(maskOf(SIZE, 0.5), seed, step, piece)];
    const agree = a.filter((value, index) => value === b[index]).length / SIZE;
    expect(Math.abs(agree - 0.5)).toBeLessThan(0.015);
  });

  it("are others at another place of the graph", () => {
    const [a, b] = draw([maskOf(SIZE, 0.5), maskOf(SIZE, 0.5)], { seed: 1, step: 1, piece: 1 }) as number[][];
    const agree = a?.filter((value, index) => value === b?.[index]).length ?? 0;
    expect(Math.abs(agree / SIZE - 0.5)).toBeLessThan(0.015);
  });

  it("fill the array they are given, one after the other", () => {
    const into = new Uint8Array(5).fill(9);
    const [a, b] = drawMasks([maskOf(3, 0), maskOf(2, 0)], into, { seed: 1, step: 1, piece: 1 });
    expect([...into]).toEqual([1, 1, 1, 1, 1]);
    expect(a?.buffer).toBe(into.buffer);
    expect(b?.byteOffset).toBe(3);
  });
});

/** Two dropouts, one with ratio 0.75 and one with the default of 0.5, among nodes that carry made-up names. */
function dropoutGraph(dtype: "float32" | "float64"): Graph {
  const b = new GraphBuilder("dropout");
  const x = b.input("x", dtype, [2, 3]);
  const on = b.constant({ dtype: "bool", shape: [], data: Uint8Array.of(1) });
  const first = b.op("Dropout", [x, b.scalar(0.75), on], undefined, { name: "Mul_0" });
  const second = b.op("Dropout", [b.op("Mul", [first, first], undefined, { name: "Mul_2" }), "", on]);
  b.output(b.op("ReduceSum", [second], { keepdims: 0 }), "sum");
  b.output(second, "second");
  return b.build();
}

const bool = (...values: number[]) => ({
  dtype: "bool" as const,
  shape: [2, 3],
  data: Uint8Array.from(values),
});
const masksFed = { dropout_mask_0: bool(1, 0, 1, 1, 1, 0), dropout_mask_1: bool(1, 1, 0, 1, 0, 1) };

describe("a graph that is fed its masks", () => {
  it("says which masks it wants", () => {
    const { graph, masks } = feedDropoutMasks(dropoutGraph("float32"));
    expect(graph.nodes.some(({ op }) => op === "Dropout")).toBe(false);
    expect(masks).toEqual([
      { input: "dropout_mask_0", shape: [2, 3], size: 6, ratio: 0.75 },
      { input: "dropout_mask_1", shape: [2, 3], size: 6, ratio: 0.5 },
    ]);
  });

  it("keeps what the mask keeps, divided by the share kept", async () => {
    const { graph } = feedDropoutMasks(dropoutGraph("float32"));
    const { second } = await evaluate(graph, { x: float32Tensor([2, 3], [1, 2, 3, 4, 5, 6]), ...masksFed });
    // x·4 where the first mask is 1; its square times 2 where the second one is
    expect(Array.from(second?.data ?? [], Number)).toEqual([32, 0, 0, 512, 0, 0]);
  });

  it("lets nothing through that is dropped, be it infinite", async () => {
    const { graph } = feedDropoutMasks(dropoutGraph("float32"));
    const x = float32Tensor([2, 3], [1, Number.POSITIVE_INFINITY, 0, 0, 0, Number.NaN]);
    const { second } = await evaluate(graph, { x, ...masksFed });
    expect(Array.from(second?.data ?? [], Number)).toEqual([32, 0, 0, 0, 0, 0]);
  });

  it("lets everything through a Dropout that is not in training mode, ONNX's default", async () => {
    const b = new GraphBuilder("evaluation");
    const x = b.input("x", "float32", [2, 3]);
    const off = b.constant({ dtype: "bool", shape: [], data: Uint8Array.of(0) });
    const [kept, mask] = b.ops("Dropout", [x, b.scalar(0.75), off], undefined, { outputs: 2 });
    b.output(b.op("Dropout", [kept as string]), "y");
    b.output(mask as string, "mask");
    const { graph, masks } = feedDropoutMasks(b.build());
    expect(masks).toEqual([]);
    const results = await evaluate(graph, { x: float32Tensor([2, 3], [1, 2, 3, 4, 5, 6]) });
    expect([...(results["y"]?.data ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...(results["mask"]?.data ?? [])]).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it("gives the mask that it was fed as the second output", async () => {
    const b = new GraphBuilder("two outputs");
    const x = b.input("x", "float32", [2, 3]);
    const on = b.constant({ dtype: "bool", shape: [], data: Uint8Array.of(1) });
    const [kept, mask] = b.ops("Dropout", [x, b.scalar(0.5), on], undefined, { outputs: 2 });
    b.output(kept as string, "y");
    b.output(mask as string, "mask");
    const { graph } = feedDropoutMasks(b.build());
    const fed = { x: float32Tensor([2, 3], [1, 2, 3, 4, 5, 6]), dropout_mask_0: masksFed.dropout_mask_0 };
    const results = await evaluate(graph, fed);
    expect([...(results["y"]?.data ?? [])]).toEqual([2, 0, 6, 8, 10, 0]);
    expect([...(results["mask"]?.data ?? [])]).toEqual([1, 0, 1, 1, 1, 0]);
  });

  it("is refused where the graph computes the mode", () => {
    const b = new GraphBuilder("computed mode");
    const x = b.input("x", "float32", [2]);
    b.output(b.op("Dropout", [x, b.scalar(0.5), b.input("mode", "bool", [])], undefined, { name: "d" }), "y");
    expect(() => feedDropoutMasks(b.build())).toThrow(
      expect.objectContaining({ code: "TRAIN_WRONG_DROPOUT" }),
    );
  });

  it("has the gradient of what the masks keep", async () => {
    const { graph } = feedDropoutMasks(dropoutGraph("float64"));
    const random = Random.fromSeed(2);
    const data = Float64Array.from({ length: 6 }, () => random.normal());
    const check = await checkGradients({
      graph,
      of: "sum",
      wrt: ["x"],
      feeds: { x: { dtype: "float64", shape: [2, 3], data }, ...masksFed },
      evaluate,
      random,
    });
    expect(Math.abs(check.analytic)).toBeGreaterThan(0.1);
    expect(check.relative).toBeLessThan(1e-7);
  });
});
