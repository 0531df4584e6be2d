import { GraphBuilder } from "../builder.ts";
import type { Graph, Node } from "../graph.ts";
import { intAttribute } from "../ops/op-info.ts";

/** A Gemm without its C: alpha·op(left)·op(right). */
interface Product {
  readonly node: Node;
  readonly left: string;
  readonly right: string;
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
}

/**
 * A skinny chain is taken only where it needs at most this share of the multiplications: its products are bound by
 * memory, so equal arithmetic would be slower. Measured on TTM: with rank 8 the break-even lies at in·out ≈ 8k…15k,
 * a share of about 1/3.
 */
const WORTHWHILE_SHARE = 0.36;

/**
 * Evaluates products of three matrices in the cheaper order. In the gradient of a low-rank update W + s·B·A,
 * both small factors meet the full dW = gᵀ·x:
 *
 *     dB = dW·Aᵀ = gᵀ·(x·Aᵀ)        dA = Bᵀ·dW = (g·B)ᵀ·x
 *
 * Where every consumer of such a dW can do without it and that is clearly less work, dW is never formed.
 */
export function reassociateProducts(graph: Graph): Graph {
  const builder = GraphBuilder.from(graph, { dropOutputs: true, dropNodes: true });
  const typed = GraphBuilder.from(graph);
  const shape = (name: string) => typed.shape(name) as [number, number];
  const consumers = consumersOf(graph);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const rewritten = new Map<Node, Product>();
  for (const node of graph.nodes) {
    const inner = asProduct(node);
    const uses = consumers.get(node.outputs[0] ?? "") ?? [];
    if (!inner || outputs.has(node.outputs[0] as string) || uses.length === 0) continue;
    if (!uses.every((use) => isProductWith(use, node.outputs[0] as string))) continue;
    const full =
      cost(shape(node.outputs[0] as string), innerSize(inner, shape)) +
      sum(uses.map((use) => useCost(use, shape)));
    const skinny = sum(uses.map((use) => chainCost(use, inner, shape)));
    if (skinny <= WORTHWHILE_SHARE * full) for (const use of uses) rewritten.set(use, inner);
  }
  if (rewritten.size === 0) return graph;
  for (const node of graph.nodes) {
    const inner = rewritten.get(node);
    if (inner) emitChain(builder, node, inner);
    else builder.addNode(node);
  }
  for (const output of graph.outputs) builder.output(output.name);
  return builder.build();
}

function asProduct(node: Node): Product | undefined {
  const [left, right, bias] = node.inputs;
  if (node.op !== "Gemm" || !left || !right || bias) return undefined;
  const alpha = node.attributes["alpha"];
  return {
    node,
    left,
    right,
    transA: intAttribute(node, "transA", 0) === 1,
    transB: intAttribute(node, "transB", 0) === 1,
    alpha: alpha?.type === "float" ? alpha.value : 1,
  };
}

/** Whether a node multiplies the given matrix, untransposed, from one side. */
function isProductWith(node: Node, matrix: string): boolean {
  const outer = asProduct(node);
  if (!outer || (outer.left === matrix && outer.right === matrix)) return false;
  return (outer.left === matrix && !outer.transA) || (outer.right === matrix && !outer.transB);
}

type ShapeOf = (name: string) => [number, number];

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const cost = ([rows, columns]: readonly [number, number], inner: number) => rows * columns * inner;

function innerSize({ left, transA }: Product, shape: ShapeOf): number {
  return shape(left)[transA ? 0 : 1];
}

function useCost(use: Node, shape: ShapeOf): number {
  return cost(shape(use.outputs[0] as string), innerSize(asProduct(use) as Product, shape));
}

/** Multiplications of the outer product when the small factor meets one factor of the inner product first. */
function chainCost(use: Node, inner: Product, shape: ShapeOf): number {
  const [rows, columns] = shape(use.outputs[0] as string);
  const [innerRows, innerColumns] = shape(inner.node.outputs[0] as string);
  const k = innerSize(inner, shape);
  return use.inputs[0] === inner.node.outputs[0]
    ? k * innerColumns * columns + rows * k * columns
    : rows * innerRows * k + rows * k * columns;
}

function emitChain(b: GraphBuilder, use: Node, inner: Product): void {
  const outer = asProduct(use) as Product;
  const output = use.outputs[0] as string;
  const alpha = inner.alpha * outer.alpha;
  const flags = (transA: boolean, transB: boolean, factor = 1) => ({
    ...(factor === 1 ? {} : { alpha: factor }),
    ...(transA ? { transA: 1 } : {}),
    ...(transB ? { transB: 1 } : {}),
  });
  if (outer.left === inner.node.outputs[0]) {
    // op(p)·(op(q)·op(A))
    const h = b.op("Gemm", [inner.right, outer.right], flags(inner.transB, outer.transB));
    b.op("Gemm", [inner.left, h], flags(inner.transA, false, alpha), { name: output });
    return;
  }
  // (op(B)·op(p))·op(q), the bracket kept transposed so that its rows are long
  const u = b.op("Gemm", [inner.left, outer.left], flags(!inner.transA, !outer.transA));
  b.op("Gemm", [u, inner.right], flags(true, inner.transB, alpha), { name: output });
}

function consumersOf(graph: Graph): ReadonlyMap<string, readonly Node[]> {
  const consumers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const name of new Set(node.inputs)) consumers.set(name, [...(consumers.get(name) ?? []), node]);
  }
  return consumers;
}
