import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementCount, float32Tensor, GraphBuilder, type Tensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import {
  layoutParameters,
  liftParameters,
  PARAMETERS,
  packParameters,
  unpackParameters,
} from "../../src/train/index.ts";

const tensor = fc
  .array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 })
  .chain((shape) =>
    fc
      .array(fc.float({ noNaN: true }), { minLength: elementCount(shape), maxLength: elementCount(shape) })
      .map((values) => float32Tensor(shape, values)),
  );
const tensors = fc
  .dictionary(fc.string({ minLength: 1 }), tensor, { minKeys: 1, maxKeys: 6 })
  .map((record) => new Map(Object.entries(record)));

describe("the flat vector", () => {
  it("gives back every tensor that was packed", () => {
    fc.assert(
      fc.property(tensors, (all) => {
        const layout = layoutParameters(all, [...all.keys()]);
        const flat = packParameters(layout, all);
        expect(flat.length).toBe([...all.values()].reduce((sum, { data }) => sum + data.length, 0));
        expect(unpackParameters(layout, flat)).toEqual(all);
      }),
    );
  });

  it("holds the named tensors in the order of the names", () => {
    const all = new Map<string, Tensor>([
      ["a", float32Tensor([2], [1, 2])],
      ["b", float32Tensor([], [3])],
      ["c", float32Tensor([1, 3], [4, 5, 6])],
    ]);
    const layout = layoutParameters(all, ["c", "a"]);
    expect(layout).toEqual({
      size: 5,
      slots: [
        { name: "c", shape: [1, 3], offset: 0, size: 3 },
        { name: "a", shape: [2], offset: 3, size: 2 },
      ],
    });
    expect([...packParameters(layout, all)]).toEqual([4, 5, 6, 1, 2]);
  });

  it("is copied, not shared, on the way out", () => {
    const all = new Map([["a", float32Tensor([2], [1, 2])]]);
    const layout = layoutParameters(all, ["a"]);
    const flat = packParameters(layout, all);
    const back = unpackParameters(layout, flat);
    flat.fill(9);
    expect(back.get("a")?.data).toEqual(Float32Array.of(1, 2));
  });

  it("needs something to train, and tensors that are there", () => {
    expect(() => layoutParameters(new Map(), [])).toThrow(
      expect.objectContaining({ code: "TRAIN_NOTHING_TO_TRAIN" }),
    );
    expect(() => layoutParameters(new Map(), ["a"])).toThrow(
      expect.objectContaining({ code: "TRAIN_UNKNOWN_PARAMETER" }),
    );
  });
});

describe("a lifted graph", () => {
  const weights = new Map([
    ["w", float32Tensor([2, 3], [1, 2, 3, 4, 5, 6])],
    ["b", float32Tensor([2], [10, 20])],
  ]);

  /** y = x·wᵀ + b, negated twice so that nodes have the names a builder makes up. */
  function graph() {
    const b = new GraphBuilder("linear");
    const x = b.input("x", "float32", [1, 3]);
    for (const [name, weight] of weights) b.initializer(name, weight);
    const y = b.op("Gemm", [x, "w", "b"], { transB: 1 });
    const first = b.op("Neg", [y], undefined, { name: "Split_1" });
    b.output(b.op("Neg", [first], undefined, { name: "Split_2" }), "y");
    return b.build();
  }
  const x = float32Tensor([1, 3], [1, 0, -1]);

  it.each([[["w", "b"]], [["b", "w"]], [["w"]], [["b"]]])(
    "computes the same with %j as one input",
    async (names) => {
      const layout = layoutParameters(weights, names);
      const lifted = liftParameters(graph(), layout);
      expect(lifted.inputs.map((input) => input.name)).toEqual(["x", PARAMETERS]);
      expect(names.some((name) => lifted.initializers.has(name))).toBe(false);
      const feeds = { x, [PARAMETERS]: float32Tensor([layout.size], packParameters(layout, weights)) };
      expect((await evaluate(lifted, feeds))["y"]?.data).toEqual(Float32Array.of(8, 18));
    },
  );

  it("follows the values fed", async () => {
    const layout = layoutParameters(weights, ["w", "b"]);
    const feeds = { x, [PARAMETERS]: float32Tensor([8], [1, 0, 0, 0, 0, 7, 100, 200]) };
    expect((await evaluate(liftParameters(graph(), layout), feeds))["y"]?.data).toEqual(
      Float32Array.of(101, 193),
    );
  });
});
