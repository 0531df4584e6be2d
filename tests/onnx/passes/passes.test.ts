import { describe, expect, it } from "vitest";
import { grad } from "../../../src/autodiff/index.ts";
import { Random } from "../../../src/core/index.ts";
import {
  eliminateCommonSubexpressions,
  eliminateDeadCode,
  float32Tensor,
  foldScales,
  fuseGeluGradient,
  fuseGemmAdd,
  type Graph,
  GraphBuilder,
  inferTypes,
  passes,
  reassociateProducts,
  recomputeActivations,
  runPasses,
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

/** Passes that compute the same in the same order. */
const exact = new Set<string>([
  "eliminate-dead-code",
  "eliminate-common-subexpressions",
  "fold-constants",
  "recompute-activations",
]);

describe("every pass keeps the numbers of random graphs", () => {
  it.each(passes)("$name", async ({ name, run }) => {
    for (let seed = 0; seed < 25; seed++) {
      const random = Random.fromSeed(seed);
      const graph = randomGraph(random);
      const text = JSON.stringify(graph.nodes);
      const after = run(graph);
      expect(Object.isFrozen(after)).toBe(true);
      expect(JSON.stringify(graph.nodes)).toBe(text);
      await expectSameNumbers(graph, after, inputsOf(random), exact.has(name) ? 0 : 1e-5);
    }
  });

  it("one after the other, as a train step takes them", async () => {
    for (let seed = 100; seed < 115; seed++) {
      const random = Random.fromSeed(seed);
      const graph = randomGraph(random);
      const all = runPasses(graph);
      await expectSameNumbers(graph, all, inputsOf(random), 1e-5);
      expect(all.nodes.length).toBeLessThanOrEqual(graph.nodes.length);
    }
  });
});

describe("runPasses", () => {
  it("leaves out what is disabled", () => {
    const b = new GraphBuilder("twice");
    const x = b.input("x", "float32", [2]);
    b.output(b.op("Mul", [b.op("Neg", [x]), b.op("Neg", [x])]), "y");
    const graph = b.build();
    expect(opsOf(runPasses(graph))).toEqual(["Neg", "Mul", "Identity"]);
    expect(opsOf(runPasses(graph, ["eliminate-common-subexpressions"]))).toEqual([
      "Neg",
      "Neg",
      "Mul",
      "Identity",
    ]);
  });
});

describe("recompute-activations", () => {
  it("reads a copy on the way back, and the original on the way there", async () => {
    const b = new GraphBuilder("square");
    const x = b.input("x", "float32", [4]);
    const [t, e] = [b.op("Tanh", [x], {}, { name: "t" }), b.op("Exp", [x], {}, { name: "e" })];
    const y = b.op("Mul", [t, e], {}, { name: "y" });
    b.output(b.op("ReduceSum", [b.op("Mul", [y, y])], { keepdims: 0 }, { name: "loss" }));
    const graph = grad(b.build(), { of: "loss", wrt: ["x"] });
    const again = recomputeActivations(graph);
    const readers = (name: string) => again.nodes.filter(({ inputs }) => inputs.includes(name));
    expect(again.nodes.find(({ name }) => name === "y:again")).toMatchObject({
      op: "Mul",
      inputs: ["e", "t"],
    });
    expect(readers("y").map(({ op }) => op)).toEqual(["Mul"]);
    expect(readers("y:again").length).toBeGreaterThan(0);
    await expectSameNumbers(graph, again, { x: float32Tensor([4], [0.1, -0.5, 2, 0]) });
  });

  it("leaves a graph without a way back alone", () => {
    const b = new GraphBuilder("forward");
    const x = b.input("x", "float32", [4]);
    b.output(b.op("Mul", [b.op("Add", [x, x]), x]), "y");
    const graph = b.build();
    expect(recomputeActivations(graph)).toBe(graph);
  });
});

describe("fold-scales", () => {
  const run = (build: (b: GraphBuilder, x: string, w: string) => string) => {
    const b = new GraphBuilder("scaled");
    const [x, w] = [b.input("x", "float32", [2, 3]), b.input("w", "float32", [3, 2])];
    b.output(build(b, x, w));
    return foldScales(b.build());
  };
  const alphas = (graph: Graph) =>
    graph.nodes.flatMap(({ op, attributes }) => (op === "Gemm" ? [attributes["alpha"]?.value] : []));

  it.each<[string, (b: GraphBuilder, x: string, w: string) => string, number[], string[]]>([
    [
      "into the Gemm that makes a value",
      (b, x, w) => b.op("Mul", [b.op("Gemm", [x, w]), b.scalar(2)]),
      [2],
      ["Gemm"],
    ],
    [
      "into the one that reads it",
      (b, x, w) => b.op("Gemm", [b.op("Mul", [x, b.scalar(2)]), w], { alpha: 3 }),
      [6],
      ["Gemm"],
    ],
    [
      "through what a factor passes",
      (b, x, w) => b.op("Gemm", [b.op("Mul", [b.op("Mul", [x, b.scalar(2)]), x]), w]),
      [2],
      ["Mul", "Gemm"],
    ],
    [
      "through a mask",
      (b, x, w) => {
        const zero = b.scalar(0);
        const mask = b.op("Greater", [x, zero]);
        return b.op("Gemm", [b.op("Where", [mask, b.op("Mul", [x, b.scalar(4)]), zero]), w]);
      },
      [4],
      ["Greater", "Where", "Gemm"],
    ],
  ])("%s", (_, build, alpha, ops) => {
    const folded = run(build);
    expect(alphas(folded)).toEqual(alpha);
    expect(opsOf(folded)).toEqual(ops);
  });

  it.each<[string, (b: GraphBuilder, x: string, w: string) => string]>([
    [
      "past a Gemm's addend",
      (b, x, w) => b.op("Mul", [b.op("Gemm", [x, w, b.input("c", "float32", [2, 2])]), b.scalar(2)]),
    ],
    [
      "where another reads the scaled value",
      (b, x, w) => {
        const scaled = b.op("Mul", [x, b.scalar(2)]);
        return b.op("Add", [b.op("Gemm", [scaled, w]), b.op("ReduceSum", [b.op("Tanh", [scaled])])]);
      },
    ],
  ])("but not %s", (_, build) => {
    expect(opsOf(run(build))).toContain("Mul");
  });
});

describe("fuse-gelu-gradient", () => {
  it("computes one error function and no Gelu", async () => {
    const b = new GraphBuilder("gelu");
    const random = Random.fromSeed(6);
    const x = b.input("x", "float32", [4, 3]);
    const [w, bias] = [
      b.initializer("w", randomTensor([3, 5], random)),
      b.initializer("bias", randomTensor([5], random)),
    ];
    const y = b.op("Gelu", [b.op("Gemm", [x, w, bias])]);
    b.output(b.op("ReduceSumSquare", [y], { keepdims: 0 }, { name: "loss" }));
    const graph = grad(b.build(), { of: "loss", wrt: ["w", "bias"] });
    const fused = fuseGeluGradient(graph);
    const count = (op: string) => opsOf(fused).filter((one) => one === op).length;
    expect([count("Gelu"), count("Erf"), count("Div"), count("Exp")]).toEqual([0, 1, 1, 1]);
    const large = float32Tensor([4, 3], [0.1, -2, 30, -40, 0, 5, 1, 1, -1, 60, 7, -7]);
    await expectSameNumbers(graph, fused, { x: large }, 1e-5);
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
