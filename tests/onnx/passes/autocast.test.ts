import { describe, expect, it } from "vitest";
import { Random } from "../../../src/core/index.ts";
import { autocast, type Graph, GraphBuilder, type HalfDType, inferTypes } from "../../../src/onnx/index.ts";
import { evaluate } from "../../../src/runtime/index.ts";
import { randomTensor } from "./random-graph.ts";

const random = Random.fromSeed(4);
const feeds = { x: randomTensor([4, 6], random), p: randomTensor([3, 6], random) };

/** softmax(gelu(x·(W + p)ᵀ + bias)) · 2, with p fed as a weight. */
function layer(): Graph {
  const b = new GraphBuilder("layer");
  const [x, p] = [b.input("x", "float32", [4, 6]), b.input("p", "float32", [3, 6])];
  const weight = b.op(
    "Add",
    [b.initializer("w", randomTensor([3, 6], Random.fromSeed(1))), p],
    {},
    { name: "weight" },
  );
  const bias = b.initializer("bias", randomTensor([3], Random.fromSeed(2)));
  const product = b.op("Gemm", [x, weight, bias], { transB: 1 }, { name: "product" });
  const active = b.op("Gelu", [product], {}, { name: "active" });
  const doubled = b.op("Mul", [active, b.scalar(2)], {}, { name: "doubled" });
  b.output(b.op("Softmax", [doubled], { axis: -1 }, { name: "share" }));
  b.output(b.op("Add", [doubled, "share"], {}, { name: "mixture" }));
  b.output(b.op("Neg", [doubled], {}, { name: "negative" }));
  return b.build();
}

const cast = (dtype: HalfDType) => autocast(layer(), { dtype, weights: new Set(["p"]) });

describe("autocast", () => {
  it.each<HalfDType>(["float16", "bfloat16"])(
    "computes products of data in %s and what loses by it in float32",
    (dtype) => {
      const types = inferTypes(cast(dtype));
      const of = (name: string) => types.get(name)?.dtype;
      expect(["product", "active", "doubled", "negative:half"].map(of)).toEqual(Array(4).fill(dtype));
      expect(["weight", "share", "mixture", "negative"].map(of)).toEqual(Array(4).fill("float32"));
    },
  );

  it("keeps inputs and outputs", () => {
    const { inputs, outputs } = layer();
    expect(cast("float16")).toMatchObject({ inputs, outputs });
  });

  it("stores a frozen weight in half precision, and casts one value once", () => {
    const b = new GraphBuilder("twice");
    const x = b.input("x", "float32", [4, 6]);
    const w = b.initializer("w", randomTensor([6, 6], random));
    b.output(b.op("MatMul", [b.op("MatMul", [x, w]), w]), "y");
    const half = autocast(b.build(), { dtype: "float16", weights: new Set() });
    expect([...half.initializers.values()].map(({ dtype }) => dtype)).toEqual(["float16"]);
    expect(half.nodes.map(({ op }) => op)).toEqual(["Cast", "MatMul", "MatMul", "Identity", "Cast"]);
  });

  it("is near float32", async () => {
    const [full, half] = [await evaluate(layer(), feeds), await evaluate(cast("float16"), feeds)];
    for (const { name } of layer().outputs) {
      for (const [index, value] of full[name]?.data.entries() ?? [])
        expect(Math.abs(Number(half[name]?.data[index]) - Number(value)), name).toBeLessThan(0.02);
    }
  });
});
