import {
  type DType,
  describeNode,
  elementCount,
  eliminateCommonSubexpressions,
  foldConstants,
  type Graph,
  GraphBuilder,
  type Node,
} from "../onnx/index.ts";
import { AutodiffError } from "./errors.ts";
import { expandComposites } from "./expand-composites.ts";
import type { Rule } from "./rule.ts";
import { noGradient, notDifferentiable, rules, savedOutputs } from "./rules/index.ts";

export interface GradientRequest {
  /** The scalar to differentiate, a value of the graph. */
  readonly of: string;
  /** What to differentiate for: inputs, initializers or any other values. */
  readonly wrt: readonly string[];
  /** Values treated as constants on the way back. */
  readonly stop?: ReadonlySet<string>;
}

/**
 * Name of the output that holds the gradient with respect to `value`.
 *
 * @param graph  the graph that is differentiated: where it holds such a gradient already, the next one has an apostrophe more
 */
export function gradientName(value: string, graph?: Graph): string {
  const taken = new Set(graph?.nodes.flatMap(({ outputs }) => outputs));
  let name = `grad(${value})`;
  while (taken.has(name)) name += "'";
  return name;
}

/**
 * Reverse-mode differentiation: the same graph with one more output per entry of `wrt`, named by {@link gradientName},
 * of that value's shape. Only standard ONNX ops are added; nothing of the input graph is changed.
 *
 *     const g = grad(graph, { of: "loss", wrt: ["weight"] });     // g has the outputs loss and grad(weight)
 *
 * The result can be differentiated again: a scalar made of grad(weight) for `weight` gives grad(weight)'.
 *
 * @throws {AutodiffError} AUTODIFF_NO_RULE (an op without a gradient lies on the path), AUTODIFF_NO_PATH,
 *   AUTODIFF_NOT_A_SCALAR, AUTODIFF_UNKNOWN_VALUE
 */
export function grad(graph: Graph, request: GradientRequest): Graph {
  const b = GraphBuilder.from(prepareForGradients(graph, new Set(request.wrt)));
  addGradients(b, request).forEach((gradient, index) => {
    b.output(gradient, gradientName(request.wrt[index] as string, graph));
  });
  return eliminateCommonSubexpressions(b.build());
}

/** Adds gradient nodes to a graph under construction and returns the gradients' names, in the order of `wrt`. */
export function addGradients(
  b: GraphBuilder,
  { of, wrt, stop = new Set() }: GradientRequest,
): readonly string[] {
  checkRequest(b, of, wrt);
  const forward = [...b.nodes];
  const relevant = relevantValues(b, wrt, stop);
  const cotangents = new Cotangents(b);
  cotangents.add(of, b.scalarLike(of, 1));
  for (const node of forward.reverse()) {
    if (node.outputs.some((name) => relevant.has(name) && cotangents.has(name)))
      propagate(b, node, relevant, cotangents);
  }
  return wrt.map((name) => cotangents.get(name) ?? noPath(of, name));
}

/**
 * The graph in a form that can be differentiated: constants folded, composite ops expanded, outputs that gradients need
 * added.
 *
 * @param trained  initializers that are differentiated for, and so are no constants
 */
export function prepareForGradients(graph: Graph, trained: ReadonlySet<string> = new Set()): Graph {
  const expanded = expandComposites(foldConstants(graph, trained));
  return { ...expanded, nodes: expanded.nodes.map(withSavedOutputs) };
}

function withSavedOutputs(node: Node): Node {
  const names = Object.hasOwn(savedOutputs, node.op) ? savedOutputs[node.op] : undefined;
  if (!names) return node;
  return {
    ...node,
    outputs: names.map((name, index) => node.outputs[index] || `${node.outputs[0]}:${name}`),
  };
}

/** Values that depend smoothly on something that is differentiated for: floats alone, a cast to integers has no slope. */
function relevantValues(
  b: GraphBuilder,
  wrt: readonly string[],
  stop: ReadonlySet<string>,
): ReadonlySet<string> {
  const relevant = new Set(wrt);
  for (const node of b.nodes) {
    if ((noGradient as readonly string[]).includes(node.op)) continue;
    if (!node.inputs.some((name) => relevant.has(name))) continue;
    for (const name of node.outputs)
      if (name !== "" && !stop.has(name) && isFloat(b.type(name).dtype)) relevant.add(name);
  }
  return relevant;
}

const isFloat = (dtype: DType) => dtype.includes("float");

function propagate(b: GraphBuilder, node: Node, relevant: ReadonlySet<string>, cotangents: Cotangents): void {
  const outputs = node.outputs.map((name) => cotangents.get(name));
  const first = outputs.find((value) => value !== undefined);
  if (first === undefined) return;
  const results = ruleOf(
    b,
    node,
  )({
    b,
    node,
    x: node.inputs,
    y: node.outputs[0] as string,
    g: outputs[0] ?? first,
    cotangents: outputs,
    needs: (index) => relevant.has(node.inputs[index] ?? ""),
  });
  node.inputs.forEach((name, index) => {
    const cotangent = results[index];
    if (name !== "" && relevant.has(name) && cotangent !== undefined)
      cotangents.add(name, checked(b, node, name, cotangent));
  });
}

function ruleOf(b: GraphBuilder, node: Node): Rule {
  const table: Readonly<Record<string, Rule>> = rules;
  const rule = table[node.op];
  if (rule) return rule;
  const advice: Readonly<Record<string, string>> = notDifferentiable;
  throw new AutodiffError("AUTODIFF_NO_RULE", `the op ${node.op} has no gradient rule`, {
    where: describeNode(
      node.op,
      node.name,
      node.inputs.map((name) => (name ? b.type(name) : undefined)),
    ),
    fix: advice[node.op] ?? "add a row to src/autodiff/rules, or export the model without this op",
  });
}

/** A cotangent must have its primal's shape; this one check catches most mistakes in rules. */
function checked(b: GraphBuilder, node: Node, primal: string, cotangent: string): string {
  const [want, got] = [b.shape(primal), b.shape(cotangent)];
  if (want.join() === got.join()) return cotangent;
  throw new AutodiffError(
    "AUTODIFF_SHAPE",
    `the rule of ${node.op} gave [${got.join(", ")}] for [${want.join(", ")}]`,
    {
      where: `${node.op} '${node.name}', input '${primal}'`,
      fix: "this is a mistake in that op's rule; please report it with the graph",
    },
  );
}

function checkRequest(b: GraphBuilder, of: string, wrt: readonly string[]): void {
  for (const name of [of, ...wrt]) {
    if (b.has(name)) continue;
    throw new AutodiffError("AUTODIFF_UNKNOWN_VALUE", `the graph has no value '${name}'`, {
      fix: "name an input, an initializer or the output of a node",
    });
  }
  if (elementCount(b.shape(of)) === 1) return;
  throw new AutodiffError(
    "AUTODIFF_NOT_A_SCALAR",
    `'${of}' has the shape [${b.shape(of).join(", ")}], not one element`,
    {
      fix: "reduce it to a scalar first, as a loss is",
    },
  );
}

function noPath(of: string, name: string): never {
  throw new AutodiffError("AUTODIFF_NO_PATH", `'${of}' does not depend on '${name}'`, {
    fix: "take it out of the list, or check that the graph uses it",
  });
}

/** The cotangents met so far; several for one value are summed when it is read. */
class Cotangents {
  readonly #b: GraphBuilder;
  readonly #parts = new Map<string, string[]>();

  constructor(b: GraphBuilder) {
    this.#b = b;
  }

  has(name: string): boolean {
    return this.#parts.has(name);
  }

  add(name: string, cotangent: string): void {
    const shaped = this.#b.reshape(cotangent, this.#b.shape(name));
    this.#parts.set(name, [...(this.#parts.get(name) ?? []), shaped]);
  }

  get(name: string): string | undefined {
    const parts = this.#parts.get(name);
    if (!parts || parts.length <= 1) return parts?.[0];
    const sum = this.#b.op(parts.length === 2 ? "Add" : "Sum", parts);
    this.#parts.set(name, [sum]);
    return sum;
  }
}
