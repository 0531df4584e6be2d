import { describe, expect, it } from "vitest";
import {
  AutodiffError,
  checkGradients,
  expansions,
  grad,
  gradientName,
  noGradient,
  notDifferentiable,
  rules,
} from "../../src/autodiff/index.ts";
import { Random } from "../../src/core/index.ts";
import { elementCount, type Graph, GraphBuilder, ops, type Tensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import { cases, compositeCases, type GradientCase, type PointCase, pointCases } from "./cases.ts";

/** The op between its inputs and a scalar: its output weighted by fixed random numbers and summed. */
function scalarGraph(one: GradientCase, random: Random): Graph {
  const dtype = one.single ? "float32" : "float64";
  const b = new GraphBuilder(one.id);
  const x = one.shapes.map((shape, index) => b.input(`x${index}`, dtype, shape));
  const y = one.build(b, x);
  const shape = b.shape(y);
  const values = Array.from({ length: elementCount(shape) }, () => random.normal());
  const weights = b.constant({
    dtype,
    shape,
    data: one.single ? Float32Array.from(values) : Float64Array.from(values),
  });
  const sum = b.op("ReduceSum", [b.op("Mul", [y, weights])], { keepdims: 0 });
  b.output(sum, "loss");
  return b.build();
}

function feeds(one: GradientCase, random: Random): Record<string, Tensor> {
  const [low, high] = one.range ?? [-1, 1];
  return Object.fromEntries(
    one.shapes.map((shape, index) => {
      const values = Array.from({ length: elementCount(shape) }, () => random.uniform(low, high));
      const data = one.single ? Float32Array.from(values) : Float64Array.from(values);
      return [`x${index}`, { dtype: one.single ? "float32" : "float64", shape, data } as Tensor];
    }),
  );
}

describe("gradient rules against central differences", () => {
  it.each([...cases, ...compositeCases])("$id", async (one) => {
    const random = Random.fromSeed(7);
    const check = await checkGradients({
      graph: scalarGraph(one, random),
      of: "loss",
      wrt: one.shapes.map((_, index) => `x${index}`),
      feeds: feeds(one, random),
      evaluate,
      random,
      step: one.single ? 1e-2 : 1e-5,
    });
    expect(check.relative, JSON.stringify(check)).toBeLessThan(one.single ? 1e-2 : 1e-7);
  });
});

/** The gradient's product with fixed random numbers, as a scalar to differentiate again; undefined where it is constant. */
function gradientGraph(
  one: GradientCase,
  random: Random,
): { graph: Graph; wrt: readonly string[] } | undefined {
  const wrt = one.shapes.map((_, index) => `x${index}`);
  const b = GraphBuilder.from(grad(scalarGraph(one, random), { of: "loss", wrt }), { dropOutputs: true });
  const dtype = one.single ? "float32" : "float64";
  const parts = wrt.map((name) => {
    const shape = b.shape(gradientName(name));
    const values = Array.from({ length: elementCount(shape) }, () => random.normal());
    const data = one.single ? Float32Array.from(values) : Float64Array.from(values);
    const weighted = b.op("Mul", [gradientName(name), b.constant({ dtype, shape, data })]);
    return b.op("ReduceSum", [weighted], { keepdims: 0 });
  });
  b.output(parts.length === 1 ? (parts[0] as string) : b.op("Sum", parts), "slope");
  const graph = b.build();
  const curved = wrt.filter((name) => dependsOn(graph, "slope", name));
  return curved.length === 0 ? undefined : { graph, wrt: curved };
}

/** Whether a smooth path leads from an input to a value. */
function dependsOn(graph: Graph, value: string, input: string): boolean {
  try {
    grad(graph, { of: value, wrt: [input] });
    return true;
  } catch (error) {
    if (error instanceof AutodiffError && error.code === "AUTODIFF_NO_PATH") return false;
    throw error;
  }
}

describe("rules differentiated again, against central differences", () => {
  it.each([...cases, ...compositeCases])("$id", async (one) => {
    const random = Random.fromSeed(7);
    const second = gradientGraph(one, random);
    if (!second) return; // linear: its gradient does not depend on where it is taken
    const check = await checkGradients({
      graph: second.graph,
      of: "slope",
      wrt: second.wrt,
      feeds: feeds(one, random),
      evaluate,
      random,
      step: one.single ? 1e-2 : 1e-5,
    });
    expect(check.relative, JSON.stringify(check)).toBeLessThan(one.single ? 2e-2 : 1e-6);
  });
});

function pointGraph({ build, inputs, single }: PointCase): Graph {
  const dtype = single ? "float32" : "float64";
  const b = new GraphBuilder("point");
  const y = build(
    b,
    inputs.map(({ shape }, index) => b.input(`x${index}`, dtype, shape)),
  );
  const shape = b.shape(y);
  const counted = Float64Array.from({ length: elementCount(shape) }, (_, index) => index + 1);
  const weights = b.cast(b.constant({ dtype: "float64", shape, data: counted }), dtype);
  b.output(b.op("ReduceSum", [b.op("Mul", [y, weights])], { keepdims: 0 }), "loss");
  return b.build();
}

describe("gradient rules at ties, zeros, kinks and bounds", () => {
  it.each(pointCases)("$id", async (one) => {
    const wrt = one.inputs.map((_, index) => `x${index}`);
    const fed = one.inputs.map(({ shape, values }, index): [string, Tensor] => [
      `x${index}`,
      one.single
        ? { dtype: "float32", shape, data: Float32Array.from(values) }
        : { dtype: "float64", shape, data: Float64Array.from(values) },
    ]);
    const results = await evaluate(grad(pointGraph(one), { of: "loss", wrt }), Object.fromEntries(fed));
    wrt.forEach((name, index) => {
      const found = Array.from(results[gradientName(name)]?.data ?? [], Number);
      const expected = one.gradients[index] ?? [];
      expect(found).toHaveLength(expected.length);
      for (const [place, value] of expected.entries())
        expect(found[place]).toBeCloseTo(value, one.single ? 5 : 12);
    });
  });
});

describe("the table", () => {
  it("has a case for every rule, and no case without one", () => {
    expect([...new Set(cases.map(({ op }) => op))].sort()).toEqual(Object.keys(rules).sort());
  });

  it("has a case for every composite op", () => {
    expect([...new Set(compositeCases.map(({ op }) => op))].sort()).toEqual(Object.keys(expansions).sort());
  });

  it("says of every op whether it has a rule, is expanded, has no gradient on purpose, or cannot be differentiated", () => {
    const said = [
      ...Object.keys(rules),
      ...Object.keys(expansions),
      ...noGradient,
      ...Object.keys(notDifferentiable),
    ];
    expect(said.toSorted()).toEqual(Object.keys(ops).sort());
  });
});
