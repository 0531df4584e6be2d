import { float32Tensor, floatAttribute, type GraphBuilder, intAttribute, type Node } from "../onnx/index.ts";
import { LoraError } from "./errors.ts";
import type { AdapterTarget } from "./plan-adapters.ts";

/** A weight whose update is computed beside it, where it is used. */
export interface UnmergedWeight {
  readonly target: AdapterTarget;
  /** Whether the value is [in, out]. */
  readonly transposed: boolean;
  /** For DoRA, the whole matrix W' − W in the weight's layout. */
  readonly difference?: string;
}

export interface Use {
  readonly weight: UnmergedWeight;
  /** Which input of the node the weight is. */
  readonly index: number;
  readonly dropout: number;
  /** Where a transposed copy of the weight is entered. */
  readonly unmerged: Map<string, UnmergedWeight>;
}

/**
 * Adds a node that uses a weight, and the update on the dropped input beside it:
 *
 *     Gemm, weight on the right    y = x·Wᵀ + s·(drop(x)·Aᵀ)·Bᵀ
 *     Gemm, weight on the left     y = W·x  + s·B·(A·drop(x))        x [in, columns]
 *     MatMul                       the same, in any batch of matrices
 *
 * @throws {LoraError} LORA_UNSUPPORTED for any other use
 */
export function addUnmerged(builder: GraphBuilder, node: Node, use: Use): void {
  if (node.op === "Transpose") {
    addTransposed(builder, node, use);
    return;
  }
  if (!fits(node, use)) throw unsupportedUse(node, use);
  const output = node.outputs[0] as string;
  const base = `${output}:base`;
  builder.addNode({ ...node, name: `${node.name}:base`, outputs: [base] });
  const dropped = addDropout(builder, node.inputs[1 - use.index] as string, output, use.dropout);
  if (use.weight.difference !== undefined) addWhole(builder, node, use, base, dropped);
  else if (node.op === "Gemm") addSkinnyGemm(builder, node, use, base, dropped);
  else addSkinnyMatMul(builder, node, use, base, dropped);
}

function addTransposed(builder: GraphBuilder, node: Node, { weight, unmerged }: Use): void {
  builder.addNode(node); // of a matrix: [1, 0] is the only order that changes anything
  const output = node.outputs[0] as string;
  const { target, transposed, difference } = weight;
  const flipped = { target, transposed: !transposed };
  unmerged.set(
    output,
    difference === undefined
      ? flipped
      : {
          ...flipped,
          difference: builder.op(
            "Transpose",
            [difference],
            { perm: [1, 0] },
            { name: `${output}:difference` },
          ),
        },
  );
}

/** Whether the node multiplies by Wᵀ from the right or by W from the left. */
function fits(node: Node, { weight, index }: Use): boolean {
  if (index > 1 || (node.op !== "Gemm" && node.op !== "MatMul")) return false;
  if (node.inputs[0] === node.inputs[1]) return false;
  const flag = node.op === "Gemm" && intAttribute(node, index === 0 ? "transA" : "transB", 0) === 1;
  const stored = flag !== weight.transposed; // [out, in] after the flag is undone
  return index === 1 ? stored : !stored;
}

function addDropout(builder: GraphBuilder, input: string, output: string, ratio: number): string {
  const constant = (name: string, make: () => Parameters<GraphBuilder["initializer"]>[1]) =>
    builder.has(name) ? name : builder.initializer(name, make());
  const inputs = [
    input,
    constant("lora_dropout.ratio", () => float32Tensor([], [ratio])),
    constant("lora_dropout.training", () => ({ dtype: "bool", shape: [], data: Uint8Array.of(1) })),
  ];
  return builder.op("Dropout", inputs, undefined, { name: `${output}:lora_dropout` });
}

/** y = base + the same product with W' − W. */
function addWhole(builder: GraphBuilder, node: Node, use: Use, base: string, dropped: string): void {
  const output = node.outputs[0] as string;
  const name = `${output}:lora`;
  const difference = use.weight.difference ?? "";
  const inputs = use.index === 1 ? [dropped, difference] : [difference, dropped];
  builder.addNode({ ...node, name, inputs, outputs: [name] });
  builder.op("Add", [base, name], undefined, { name: output });
}

function addSkinnyGemm(builder: GraphBuilder, node: Node, use: Use, base: string, dropped: string): void {
  const output = node.outputs[0] as string;
  const { keys, scale } = use.weight.target;
  const alpha = scale * floatAttribute(node, "alpha", 1);
  const inner = { name: `${output}:lora_inner` };
  if (use.index === 1) {
    const transA = intAttribute(node, "transA", 0);
    const narrow = builder.op("Gemm", [dropped, keys.a], { transA, transB: 1 }, inner);
    builder.op("Gemm", [narrow, keys.b, base], { alpha, transB: 1 }, { name: output });
    return;
  }
  const transB = intAttribute(node, "transB", 0);
  const narrow = builder.op("Gemm", [keys.a, dropped], { transB }, inner);
  builder.op("Gemm", [keys.b, narrow, base], { alpha }, { name: output });
}

function addSkinnyMatMul(builder: GraphBuilder, node: Node, use: Use, base: string, dropped: string): void {
  const output = node.outputs[0] as string;
  const { keys, scale } = use.weight.target;
  const part = (name: string) => ({ name: `${output}:lora_${name}` });
  const scaled = builder.op("Mul", [keys.b, builder.scalar(scale)], undefined, part("scaled"));
  let product: string;
  if (use.index === 1) {
    const a = builder.op("Transpose", [keys.a], { perm: [1, 0] }, part("a"));
    const b = builder.op("Transpose", [scaled], { perm: [1, 0] }, part("b"));
    const inner = builder.op("MatMul", [dropped, a], undefined, part("inner"));
    product = builder.op("MatMul", [inner, b], undefined, part("product"));
  } else {
    const inner = builder.op("MatMul", [keys.a, dropped], undefined, part("inner"));
    product = builder.op("MatMul", [scaled, inner], undefined, part("product"));
  }
  builder.op("Add", [base, product], undefined, { name: output });
}

function unsupportedUse(node: Node, { weight, index }: Use): LoraError {
  return new LoraError("LORA_UNSUPPORTED", `no dropout on an adapter of a weight used by ${node.op}`, {
    where: `${node.op} '${node.name}', input ${index}: weight of ${weight.target.module.path}`,
    fix: "set lora.dropout=0, or exclude this module with lora.exclude_modules",
  });
}
