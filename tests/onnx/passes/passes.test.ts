import { describe, expect, it } from "vitest";
import { Random } from "../../../src/core/index.ts";
import {
  eliminateCommonSubexpressions,
  eliminateDeadCode,
  float32Tensor,
  fuseGemmAdd,
  type Graph,
  GraphBuilder,
  inferTypes,
  reassociateProducts,
  type Tensor,
} from "../../../src/onnx/index.ts";
import { evaluate } from "../../../src/runtime/index.ts";
import { inputsOf, randomGraph, randomTensor } from "./random-graph.ts";

const opsOf = (graph: Graph) => graph.nodes.map(({ op }) => op);

/** Holds two graphs' outputs against each other: names, order, types, and numbers to `tolerance` of the largest. */
async function expectSameNumbers(
  before: Graph,
  after: Graph,
  feeds: Readonly<Record<string, Tensor>>,
  tolerance = 0,
): Promise<void> {
  expect(after.outputs).toEqual(before.outputs);
  expect(after.inputs).toEqual(before.inputs);
  const [expected, got] = [await evaluate(before, feeds), await evaluate(after, feeds)];
  for (const { name } of before.outputs) {
    const [want, have] = [expected[name], got[name]].map((tensor) => Array.from(tensor?.data ?? [], Number));
    const scale = Math.max(...(want ?? []).map(Math.abs));
    want?.forEach((value, index) => {
      expect(Math.abs((have?.[index] ?? Number.NaN) - value), name).toBeLessThanOrEqual(tolerance * scale);
    });
  }
}

const passes = [
  { pass: eliminateDeadCode, tolerance: 0 },
  { pass: eliminateCommonSubexpressions, tolerance: 0 },
  { pass: fuseGemmAdd, tolerance: 1e-5 },
  { pass: reassociateProducts, tolerance: 1e-5 },
];

describe("every pass keeps the numbers of random graphs", () => {
  for (const { pass, tolerance } of passes) {
    it(pass.name, async () => {
      for (let seed = 0; seed < 25; seed++) {
        const random = Random.fromSeed(seed);
        const graph = randomGraph(random);
        await expectSameNumbers(graph, pass(graph), inputsOf(random), tolerance);
      }
    });
  }

  it("one after the other, as a train step takes them", async () => {
    for (let seed = 100; seed < 115; seed++) {
      const random = Random.fromSeed(seed);
      const graph = randomGraph(random);
      const all = passes.reduce((rest, { pass }) => pass(rest), graph);
      await expectSameNumbers(graph, all, inputsOf(random), 1e-5);
      expect(all.nodes.length).toBeLessThanOrEqual(graph.nodes.length);
    }
  });
});

describe("eliminateDeadCode", () => {
  const chain = (): Graph => {
    const b = new GraphBuilder("chain");
    const x = b.input("x", "float32", [2]);
    b.output(b.op("Neg", [x], undefined, { name: "used" }));
    return b.build();
  };

  it("drops what no output needs, however long", () => {
    const graph = chain();
    const node = (name: string, input: string) => ({
      op: "Neg",
      domain: "",
      name,
      inputs: [input],
      outputs: [name],
      attributes: {},
    });
    const longer = {
      ...graph,
      nodes: [...graph.nodes, node("dead", "used"), node("deader", "dead")],
      initializers: new Map([["idle", float32Tensor([1], [1])]]),
    };
    const { nodes, initializers } = eliminateDeadCode(longer);
    expect(nodes.map(({ name }) => name)).toEqual(["used"]);
    expect(initializers.size).toBe(0);
  });

  it("does not take an absent output for one that an absent input needs", () => {
    const b = new GraphBuilder("absent");
    const x = b.input("x", "float32", [2, 4]);
    const scale = b.initializer("scale", float32Tensor([4], [1, 1, 1, 1]));
    const attributes = {};
    b.addNode({
      op: "LayerNormalization",
      domain: "",
      name: "dead",
      inputs: [x, scale],
      outputs: ["dead", ""],
      attributes,
    });
    b.addNode({ op: "Clip", domain: "", name: "y", inputs: [x, "", ""], outputs: ["y"], attributes });
    b.output("y");
    expect(opsOf(b.build())).toEqual(["Clip"]);
  });
});

describe("eliminateCommonSubexpressions", () => {
  it("computes equal expressions once, also those that only become equal", () => {
    const b = new GraphBuilder("equal");
    const x = b.input("x", "float32", [2]);
    const [first, second] = [0, 1].map(() => b.op("Tanh", [b.op("Neg", [x])])) as [string, string];
    b.output(b.op("Mul", [first, second]), "y");
    expect(opsOf(eliminateCommonSubexpressions(b.build()))).toEqual(["Neg", "Tanh", "Mul", "Identity"]);
  });

  it.each<[string, (b: GraphBuilder, x: string) => [string, string]]>([
    ["attributes", (b, x) => [b.op("Softmax", [x], { axis: 0 }), b.op("Softmax", [x], { axis: 1 })]],
    ["order of inputs", (b, x) => [b.op("Sub", [x, b.scalar(1)]), b.op("Sub", [b.scalar(1), x])]],
    ["ops", (b, x) => [b.op("Sin", [x]), b.op("Cos", [x])]],
    ["chance", (b, x) => [dropout(b, x), dropout(b, x)]],
  ])("keeps apart what differs in %s", (_, build) => {
    const b = new GraphBuilder("different");
    const pair = build(b, b.input("x", "float32", [2, 2]));
    b.output(b.op("Add", pair), "y");
    const graph = b.build();
    expect(eliminateCommonSubexpressions(graph).nodes.length).toBe(graph.nodes.length);
  });

  it("keeps a node whose absent output the other one has", async () => {
    const b = new GraphBuilder("statistics");
    const x = b.input("x", "float32", [2, 4]);
    const scale = b.initializer("scale", float32Tensor([4], [1, 2, 3, 4]));
    const norm = (name: string, mean: string) =>
      b.addNode({
        op: "LayerNormalization",
        domain: "",
        name,
        inputs: [x, scale],
        outputs: [name, mean],
        attributes: {},
      });
    norm("plain", "");
    norm("full", "mean");
    b.output(b.op("Add", ["plain", "full"]), "sum");
    b.output(b.op("Neg", ["mean"]), "negative");
    const graph = b.build();
    const feeds = { x: randomTensor([2, 4], Random.fromSeed(1)) };
    await expectSameNumbers(graph, eliminateCommonSubexpressions(graph), feeds);
  });

  it("keeps two outputs that are equal", async () => {
    const b = new GraphBuilder("outputs");
    const x = b.input("x", "float32", [3, 3]);
    b.output(b.op("Neg", [x], undefined, { name: "a" }));
    b.output(b.op("Neg", [x], undefined, { name: "b" }));
    const graph = b.build();
    const feeds = { x: randomTensor([3, 3], Random.fromSeed(1)) };
    await expectSameNumbers(graph, eliminateCommonSubexpressions(graph), feeds);
  });

  function dropout(b: GraphBuilder, x: string): string {
    const on = b.constant({ dtype: "bool", shape: [], data: Uint8Array.of(1) });
    return b.op("Dropout", [x, b.scalar(0.5), on]);
  }
});

describe("fuseGemmAdd", () => {
  const start = () => {
    const b = new GraphBuilder("sum");
    const [x, w] = [
      b.input("x", "float32", [2, 3]),
      b.initializer("w", randomTensor([3, 4], Random.fromSeed(2))),
    ];
    return { b, x, w, c: b.input("c", "float32", [2, 4]) };
  };
  const feeds = { x: randomTensor([2, 3], Random.fromSeed(3)), c: randomTensor([2, 4], Random.fromSeed(4)) };

  it.each([false, true])("puts the addend into the Gemm, on either side (%s)", async (swapped) => {
    const { b, x, w, c } = start();
    const product = b.op("Gemm", [x, w], { alpha: 0.5 });
    b.output(b.op("Add", swapped ? [c, product] : [product, c]));
    const graph = b.build();
    const fused = fuseGemmAdd(graph);
    expect(opsOf(fused)).toEqual(["Gemm"]);
    await expectSameNumbers(graph, fused, feeds, 1e-6);
  });

  it("uses each product once", async () => {
    const { b, x, w } = start();
    const products = [b.op("Gemm", [x, w]), b.op("Gemm", [x, w], { alpha: 2 })];
    b.output(b.op("Add", products));
    const graph = b.build();
    const fused = fuseGemmAdd(graph);
    expect(opsOf(fused)).toEqual(["Gemm", "Gemm"]);
    await expectSameNumbers(graph, fused, feeds, 1e-6);
  });

  it.each<[string, (parts: ReturnType<typeof start>) => void]>([
    [
      "another node reads the product",
      ({ b, x, w, c }) => {
        const product = b.op("Gemm", [x, w]);
        b.output(b.op("Mul", [b.op("Add", [product, c]), product]));
      },
    ],
    [
      "the product is an output",
      ({ b, x, w, c }) => {
        const product = b.op("Gemm", [x, w]);
        b.output(b.op("Add", [product, c]));
        b.output(product);
      },
    ],
    ["it has an addend already", ({ b, x, w, c }) => b.output(b.op("Add", [b.op("Gemm", [x, w, c]), c]))],
    [
      "it names a factor for the addend",
      ({ b, x, w, c }) => {
        b.output(b.op("Add", [b.op("Gemm", [x, w], { beta: 0.5 }), c]));
      },
    ],
    ["the addend is broadcast", ({ b, x, w }) => b.output(b.op("Add", [b.op("Gemm", [x, w]), b.scalar(1)]))],
    [
      "the product is broadcast",
      ({ b, x, w }) => {
        const wide = b.input("wide", "float32", [5, 2, 4]);
        b.output(b.op("Add", [b.op("Gemm", [x, w]), wide]));
      },
    ],
  ])("leaves it where %s", (_, build) => {
    const parts = start();
    build(parts);
    const graph = parts.b.build();
    expect(opsOf(fuseGemmAdd(graph))).toEqual(opsOf(graph));
  });
});

interface LowRank {
  readonly out: number;
  readonly in: number;
  readonly rank: number;
  readonly rows: number;
}
const large: LowRank = { out: 24, in: 20, rank: 2, rows: 30 };

/** dW = gᵀ·x as [out, in]; dB = dW·Aᵀ and dA = Bᵀ·dW as autodiff writes them, with storage orders as asked. */
function lowRankGradients(
  { out, in: inner, rank, rows }: LowRank,
  order: { readonly g: boolean; readonly x: boolean; readonly a: boolean; readonly b: boolean },
  more: (b: GraphBuilder, dW: string) => void = () => {},
): Graph {
  const b = new GraphBuilder("gradients");
  const g = b.input("g", "float32", order.g ? [rows, out] : [out, rows]);
  const x = b.input("x", "float32", order.x ? [inner, rows] : [rows, inner]);
  const a = b.input("a", "float32", order.a ? [rank, inner] : [inner, rank]);
  const up = b.input("b", "float32", order.b ? [out, rank] : [rank, out]);
  const flag = (on: boolean) => (on ? 1 : 0);
  const dW = b.op("Gemm", [g, x], { transA: flag(order.g), transB: flag(order.x), alpha: 0.5 });
  b.output(b.op("Gemm", [dW, a], { transB: flag(order.a), alpha: 3 }), "dB");
  b.output(b.op("Gemm", [up, dW], { transA: flag(order.b) }), "dA");
  more(b, dW);
  return b.build();
}

const plainOrder = { g: true, x: false, a: true, b: true };
const formsDW = (graph: Graph, { out, in: inner }: LowRank) =>
  [...inferTypes(graph).values()].some(({ shape }) => shape.join() === `${out},${inner}`);

describe("reassociateProducts", () => {
  const orders = [...Array(16).keys()].map((bits) => ({
    g: (bits & 1) > 0,
    x: (bits & 2) > 0,
    a: (bits & 4) > 0,
    b: (bits & 8) > 0,
  }));

  it.each(orders)("never forms the full dW where the rank is small: %o", async (order) => {
    const graph = lowRankGradients(large, order);
    const skinny = reassociateProducts(graph);
    expect(formsDW(graph, large)).toBe(true);
    expect(formsDW(skinny, large)).toBe(false);
    expect(opsOf(skinny).filter((op) => op === "Gemm").length).toBe(4);
    const random = Random.fromSeed(5);
    const feeds = Object.fromEntries(
      graph.inputs.map(({ name, shape }) => [name, randomTensor(shape, random)]),
    );
    await expectSameNumbers(graph, skinny, feeds, 1e-5);
  });

  it.each<[string, LowRank, (b: GraphBuilder, dW: string) => void]>([
    ["the rank is large", { ...large, rank: 16 }, () => {}],
    ["dW is an output", large, (b, dW) => b.output(dW)],
    ["dW goes elsewhere", large, (b, dW) => b.output(b.op("Neg", [dW]), "negative")],
    ["dW is squared", { ...large, in: 24 }, (b, dW) => b.output(b.op("Gemm", [dW, dW]), "square")],
    [
      "dW is transposed",
      large,
      (b, dW) => {
        b.output(b.op("Gemm", [dW, b.input("p", "float32", [24, 2])], { transA: 1 }), "p1");
      },
    ],
    [
      "a product has an addend",
      large,
      (b, dW) => {
        const c = b.input("c", "float32", [24, 2]);
        b.output(b.op("Gemm", [dW, b.input("p", "float32", [20, 2]), c]), "p1");
      },
    ],
  ])("leaves the graph as it is where %s", (_, sizes, more) => {
    const graph = lowRankGradients(sizes, plainOrder, more);
    expect(reassociateProducts(graph)).toBe(graph);
  });

  it("takes what is worthwhile and leaves the rest", async () => {
    const b = new GraphBuilder("both");
    const inputs = { g: [30, 24], x: [30, 20], small: [2, 20], wide: [18, 20] } as const;
    const [g, x, small, wide] = Object.entries(inputs).map(([name, shape]) =>
      b.input(name, "float32", shape),
    ) as [string, string, string, string];
    b.output(b.op("Gemm", [b.op("Gemm", [g, x], { transA: 1 }), small], { transB: 1 }), "skinny");
    b.output(b.op("Gemm", [b.op("Gemm", [g, x], { transA: 1, alpha: 2 }), wide], { transB: 1 }), "full");
    const graph = b.build();
    const after = reassociateProducts(graph);
    const full = [...inferTypes(after).values()].filter(({ shape }) => shape.join() === "24,20");
    expect(full.length).toBe(1);
    const random = Random.fromSeed(6);
    const feeds = Object.fromEntries(
      graph.inputs.map(({ name, shape }) => [name, randomTensor(shape, random)]),
    );
    await expectSameNumbers(graph, after, feeds, 1e-5);
  });
});
