import { describe, expect, it } from "vitest";
import { float32Tensor, type Graph, GraphBuilder, int64Tensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";

const values = (...numbers: number[]) => float32Tensor([numbers.length], numbers);

describe("a builder's names", () => {
  it.each<[string, (b: GraphBuilder) => void]>([
    ["two inputs", (b) => b.input("x", "float32", [1])],
    ["an input and an initializer", (b) => b.initializer("x", values(1))],
    ["an input and a node", (b) => b.op("Neg", ["x"], undefined, { name: "x" })],
  ])("may not be given twice: %s", (_, again) => {
    const b = new GraphBuilder("twice");
    b.input("x", "float32", [1]);
    expect(() => again(b)).toThrow(
      expect.objectContaining({ code: "ONNX_DUPLICATE_NAME", message: expect.stringContaining("'x'") }),
    );
  });

  it("are unlike every name that is there", () => {
    const b = new GraphBuilder("fresh");
    b.input("Neg_0", "float32", [1]);
    expect(b.op("Neg", ["Neg_0"])).toBe("Neg_1");
  });

  it("are kept free for nodes that are to be added again", () => {
    const first = new GraphBuilder("first");
    const x = first.input("x", "float32", [1]);
    first.output(first.op("Neg", [first.op("Neg", [x])]));
    const graph = first.build();
    const again = GraphBuilder.from(graph, { dropNodes: true });
    again.op("Neg", ["x"]);
    for (const node of graph.nodes) again.addNode(node);
    expect(again.nodes.map(({ name }) => name)).toEqual(["Neg_2", "Neg_0", "Neg_1"]);
  });

  it("must exist before they are used", () => {
    const b = new GraphBuilder("unknown");
    expect(() => b.op("Neg", ["y"])).toThrow(expect.objectContaining({ code: "ONNX_UNDEFINED_VALUE" }));
    expect(() => b.shape("y")).toThrow(expect.objectContaining({ code: "ONNX_UNDEFINED_VALUE" }));
  });
});

describe("a builder's constants", () => {
  it("are stored once if equal", () => {
    const b = new GraphBuilder("constants");
    expect(b.scalar(2)).toBe(b.scalar(2));
    expect(b.integers([1, 2])).toBe(b.constant(int64Tensor([1, 2])));
  });

  it("are apart where value, shape or element type differ", () => {
    const b = new GraphBuilder("constants");
    const names = [
      b.scalar(2),
      b.scalar(3),
      b.scalar(2, "float64"),
      b.constant(values(2)),
      b.scalar(0),
      b.scalar(-0),
      b.integers([1]),
      b.integers([1, 0]),
    ];
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("a built graph", () => {
  function linear(): { b: GraphBuilder; y: string } {
    const b = new GraphBuilder("linear");
    const x = b.input("x", "float32", [2, 3]);
    const y = b.op("MatMul", [x, b.initializer("weight", float32Tensor([3, 1], [1, 10, 100]))]);
    return { b, y };
  }

  it("computes what its nodes say", async () => {
    const { b, y } = linear();
    b.output(b.op("Add", [y, b.scalar(0.5)]), "y");
    const results = await evaluate(b.build(), { x: float32Tensor([2, 3], [1, 2, 3, 4, 5, 6]) });
    expect(results["y"]).toMatchObject({ shape: [2, 1], data: Float32Array.of(321.5, 654.5) });
  });

  it("calls its outputs as asked, by an Identity, and leaves their own names alone", () => {
    const { b, y } = linear();
    b.output(y, "renamed");
    b.output(y);
    const graph = b.build();
    expect(graph.outputs).toEqual([
      { name: "renamed", dtype: "float32", shape: [2, 1] },
      { name: y, dtype: "float32", shape: [2, 1] },
    ]);
    expect(graph.nodes.map(({ op, outputs }) => [op, ...outputs])).toEqual([
      ["MatMul", y],
      ["Identity", "renamed"],
    ]);
  });

  it("holds nothing that no output needs, but every input", () => {
    const { b, y } = linear();
    b.input("unused", "float32", [1]);
    b.initializer("idle", values(1));
    b.op("Neg", [y]);
    b.output(y);
    const graph = b.build();
    expect(graph.nodes.map(({ op }) => op)).toEqual(["MatMul"]);
    expect([...graph.initializers.keys()]).toEqual(["weight"]);
    expect(graph.inputs.map(({ name }) => name)).toEqual(["x", "unused"]);
  });

  it("cannot be changed", () => {
    const { b, y } = linear();
    b.output(y);
    const graph = b.build();
    expect(() => (graph.nodes as unknown[]).push(1)).toThrow(TypeError);
    expect(() => Object.assign(graph.nodes[0] ?? {}, { op: "Neg" })).toThrow(TypeError);
  });

  it("is gone on from without being changed", () => {
    const { b, y } = linear();
    b.output(y, "y");
    const graph = b.build();
    const before = describeGraph(graph);
    const more = GraphBuilder.from(graph);
    more.output(more.op("Neg", ["y"]), "negative");
    expect(more.build().outputs.map(({ name }) => name)).toEqual(["y", "negative"]);
    expect(describeGraph(graph)).toBe(before);
    const other = GraphBuilder.from(graph, { dropOutputs: true });
    other.output(other.op("Neg", ["y"]), "negative");
    expect(other.build().outputs.map(({ name }) => name)).toEqual(["negative"]);
  });
});

const describeGraph = ({ nodes, inputs, outputs, initializers }: Graph) =>
  JSON.stringify([nodes, inputs, outputs, [...initializers.keys()]]);

describe("short forms", () => {
  it("add no node where nothing would change", () => {
    const b = new GraphBuilder("short");
    const x = b.input("x", "float32", [2, 3]);
    expect(b.reshape(x, [2, 3])).toBe(x);
    expect(b.transpose(x, [0, 1])).toBe(x);
    expect(b.cast(x, "float32")).toBe(x);
    expect(b.nodes).toEqual([]);
  });

  it("give what they say otherwise", () => {
    const b = new GraphBuilder("short");
    const x = b.input("x", "float32", [2, 3]);
    expect(b.type(b.reshape(x, [6]))).toEqual({ dtype: "float32", shape: [6] });
    expect(b.type(b.transpose(x, [1, 0]))).toEqual({ dtype: "float32", shape: [3, 2] });
    expect(b.type(b.cast(x, "float64"))).toEqual({ dtype: "float64", shape: [2, 3] });
    expect(b.type(b.scalarLike(b.cast(x, "float64"), 1))).toEqual({ dtype: "float64", shape: [] });
  });

  it("give the parts of a Split their own names and types", () => {
    const b = new GraphBuilder("short");
    const x = b.input("x", "float32", [5]);
    const parts = b.ops("Split", [x, b.integers([2, 3])], { axis: 0 }, { outputs: 2, name: "part" });
    expect(parts).toEqual(["part", "part:1"]);
    expect(parts.map((part) => b.shape(part))).toEqual([[2], [3]]);
  });
});
