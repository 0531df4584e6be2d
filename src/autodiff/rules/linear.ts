import { floatAttribute, type GraphBuilder, intAttribute } from "../../onnx/index.ts";
import { type Rule, type RuleContext, when } from "../rule.ts";
import { unbroadcast } from "../unbroadcast.ts";

/** alpha·op(a)·op(b), leaving out attributes that say nothing. */
function product(
  b: GraphBuilder,
  left: string,
  right: string,
  transA: boolean,
  transB: boolean,
  alpha: number,
): string {
  return b.op("Gemm", [left, right], {
    ...(alpha === 1 ? {} : { alpha }),
    ...(transA ? { transA: 1 } : {}),
    ...(transB ? { transB: 1 } : {}),
  });
}

/** y = alpha·op(A)·op(B) + beta·C. With g the cotangent of y: d op(A) = alpha·g·op(B)ᵀ, d op(B) = alpha·op(A)ᵀ·g. */
const gemm: Rule = (c) => {
  const { b, node, g } = c;
  const [left, right, bias] = c.x as [string, string, string | undefined];
  const alpha = floatAttribute(node, "alpha", 1);
  const beta = floatAttribute(node, "beta", 1);
  const tA = intAttribute(node, "transA", 0) === 1;
  const tB = intAttribute(node, "transB", 0) === 1;
  return [
    when(c, 0, () => (tA ? product(b, right, g, tB, true, alpha) : product(b, g, right, false, !tB, alpha))),
    when(c, 1, () => (tB ? product(b, g, left, true, tA, alpha) : product(b, left, g, !tA, false, alpha))),
    when(c, 2, () => {
      const summed = unbroadcast(b, g, b.shape(bias as string));
      return beta === 1 ? summed : b.op("Mul", [summed, b.scalarLike(summed, beta)]);
    }),
  ];
};

/** Swaps the last two axes. */
function swapped(b: GraphBuilder, value: string): string {
  const rank = b.shape(value).length;
  const perm = [...Array(rank).keys()];
  return b.transpose(value, [...perm.slice(0, -2), rank - 1, rank - 2]);
}

/** x [..., k] times a matrix [k, n]: flattened to one Gemm, so that dW needs no batch sum. */
function linearLayer(c: RuleContext, x: string, weight: string): readonly (string | undefined)[] {
  const { b } = c;
  const [k, n] = b.shape(weight) as [number, number];
  const g = b.reshape(
    c.g,
    [-1, n].with(
      0,
      b
        .shape(c.g)
        .slice(0, -1)
        .reduce((p, s) => p * s, 1),
    ),
  );
  return [
    when(c, 0, () => b.reshape(product(b, g, weight, false, true, 1), b.shape(x))),
    when(c, 1, () => product(b, b.reshape(x, [b.shape(g)[0] as number, k]), g, true, false, 1)),
  ];
}

/** y = A·B with broadcast batch axes: dA = g·Bᵀ, dB = Aᵀ·g; vectors are treated as one-row or one-column matrices. */
const matMul: Rule = (c) => {
  const { b } = c;
  const [left, right] = c.x as [string, string];
  const [p, q] = [b.shape(left), b.shape(right)];
  if (p.length >= 2 && q.length === 2) return linearLayer(c, left, right);
  const a2 = p.length === 1 ? b.reshape(left, [1, ...p]) : left;
  const b2 = q.length === 1 ? b.reshape(right, [...q, 1]) : right;
  const full = b.shape(c.g);
  const rows = p.length === 1 ? [...full.slice(0, q.length === 1 ? full.length : -1), 1] : full;
  const g =
    q.length === 1
      ? b.reshape(c.g, [...rows, 1])
      : b.reshape(c.g, p.length === 1 ? [...full.slice(0, -1), 1, full.at(-1) as number] : full);
  return [
    when(c, 0, () => b.reshape(unbroadcast(b, b.op("MatMul", [g, swapped(b, b2)]), b.shape(a2)), p)),
    when(c, 1, () => b.reshape(unbroadcast(b, b.op("MatMul", [swapped(b, a2), g]), b.shape(b2)), q)),
  ];
};

export const linearRules = { Gemm: gemm, MatMul: matMul } satisfies Record<string, Rule>;
