import type { TensorType } from "../graph.ts";
import { broadcastShapes } from "../shapes.ts";
import { type InferContext, input, intAttribute, type OpInfo, type } from "./op-info.ts";

function inferMatMul(c: InferContext): readonly TensorType[] {
  const [a, b] = [input(c, 0), input(c, 1)];
  if (a.shape.length === 0 || b.shape.length === 0) c.fail("a scalar has no matrix product");
  const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  if (left.at(-1) !== right.at(-2)) c.fail("the inner sizes differ");
  const batch =
    broadcastShapes(left.slice(0, -2), right.slice(0, -2)) ?? c.fail("the batch sizes do not broadcast");
  const rows = a.shape.length === 1 ? [] : [left.at(-2) as number];
  const columns = b.shape.length === 1 ? [] : [right.at(-1) as number];
  return [type(a.dtype, [...batch, ...rows, ...columns])];
}

function inferGemm(c: InferContext): readonly TensorType[] {
  const [a, b] = [input(c, 0), input(c, 1)];
  if (a.shape.length !== 2 || b.shape.length !== 2) c.fail("both factors must be matrices");
  const [m, k] = intAttribute(c, "transA", 0) ? [a.shape[1], a.shape[0]] : a.shape;
  const [l, n] = intAttribute(c, "transB", 0) ? [b.shape[1], b.shape[0]] : b.shape;
  if (k !== l) c.fail("the inner sizes differ");
  const shape = [m as number, n as number];
  const bias = c.inputs[2];
  if (bias && broadcastShapes(shape, bias.shape)?.join() !== shape.join())
    c.fail("C does not broadcast to the product");
  return [type(a.dtype, shape)];
}

/** An Einsum equation taken apart: the letters of each input and of the output. Ellipses are not supported. */
export function parseEinsum(
  equation: string,
): { readonly inputs: readonly string[]; readonly output: string } | undefined {
  const text = equation.replaceAll(" ", "");
  if (!/^[A-Za-z,]*(->[A-Za-z]*)?$/.test(text)) return undefined;
  const [left = "", right] = text.split("->");
  const inputs = left.split(",");
  if (right !== undefined) return { inputs, output: right };
  const letters = inputs.join("");
  const once = [...new Set(letters)].filter((letter) => letters.split(letter).length === 2);
  return { inputs, output: once.sort().join("") };
}

function inferEinsum(c: InferContext): readonly TensorType[] {
  const attribute = c.attributes["equation"];
  const equation = attribute?.type === "string" ? parseEinsum(attribute.value) : undefined;
  if (!equation) return c.fail("the equation cannot be read: letters, commas and -> only");
  const sizes = new Map<string, number>();
  equation.inputs.forEach((letters, index) => {
    const { shape } = input(c, index);
    if (letters.length !== shape.length) c.fail(`'${letters}' does not name the axes of input ${index}`);
    [...letters].forEach((letter, axis) => {
      const size = shape[axis] as number;
      if ((sizes.get(letter) ?? size) !== size) c.fail(`the sizes named '${letter}' differ`);
      sizes.set(letter, size);
    });
  });
  return [
    type(
      input(c, 0).dtype,
      [...equation.output].map((letter) => sizes.get(letter) ?? c.fail(`'${letter}' is in no input`)),
    ),
  ];
}

export const productOps = {
  Einsum: { attributes: { equation: "string" }, infer: inferEinsum },
  Gemm: { attributes: { alpha: "float", beta: "float", transA: "int", transB: "int" }, infer: inferGemm },
  MatMul: { infer: inferMatMul },
} as const satisfies Record<string, OpInfo>;
