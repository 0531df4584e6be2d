import { intAttribute, intsAttribute, normalizeSlice } from "../../onnx/index.ts";
import { type Rule, type RuleContext, refuse, when } from "../rule.ts";
import { unbroadcast } from "../unbroadcast.ts";

const shapeOf = (c: RuleContext, index = 0) => c.b.shape(c.x[index] as string);

/** The cotangent with x's shape: for ops that only change the shape. */
const reshaped: Rule = (c) => [c.b.reshape(c.g, shapeOf(c))];

const constants = (c: RuleContext, index: number): number[] | undefined => {
  const name = c.x[index];
  const value = name ? c.b.constantValue(name) : undefined;
  return value && Array.from(value.data, Number);
};

const transpose: Rule = (c) => {
  const perm = intsAttribute(c.node, "perm") ?? [...shapeOf(c).keys()].reverse();
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return [c.b.op("Transpose", [c.g], { perm: inverse })];
};

const concat: Rule = (c) => {
  const rank = shapeOf(c).length;
  const axis = (intAttribute(c.node, "axis", 0) + rank) % rank;
  const sizes = c.x.map((_, index) => shapeOf(c, index)[axis] as number);
  if (sizes.length === 1) return [c.g];
  const parts = c.b.ops("Split", [c.g, c.b.integers(sizes)], { axis }, { outputs: sizes.length });
  return c.x.map((_, index) => when(c, index, () => parts[index] as string));
};

const split: Rule = (c) => {
  const parts = c.node.outputs.map((name, index) => {
    const shape = c.b.shape(name);
    return c.cotangents[index] ?? c.b.op("Expand", [c.b.scalarLike(name, 0), c.b.integers(shape)]);
  });
  return [parts.length === 1 ? parts[0] : c.b.op("Concat", parts, { axis: intAttribute(c.node, "axis", 0) })];
};

/** Pads the cotangent with zeros back to x's shape; with other steps than 1, axis by axis through the places taken. */
const slice: Rule = (c) => {
  const shape = shapeOf(c);
  const parts = normalizeSlice(
    shape,
    constants(c, 1) ?? [],
    constants(c, 2) ?? [],
    constants(c, 3),
    constants(c, 4),
  );
  if (parts.every(({ step }) => step === 1)) return [padded(c, c.g, shape, parts)];
  return [parts.reduceRight((cotangent, part) => scattered(c, cotangent, shape, part), c.g)];
};

type SlicePart = ReturnType<typeof normalizeSlice>[number];

function padded(
  c: RuleContext,
  cotangent: string,
  shape: readonly number[],
  parts: readonly SlicePart[],
): string {
  const before = shape.map(() => 0);
  const after = shape.map(() => 0);
  for (const { axis, start, count } of parts) {
    before[axis] = start;
    after[axis] = (shape[axis] as number) - start - count;
  }
  return c.b.op("Pad", [cotangent, c.b.integers([...before, ...after])]);
}

/** Undoes the slicing of one axis. */
function scattered(c: RuleContext, cotangent: string, full: readonly number[], part: SlicePart): string {
  const { b } = c;
  const { axis, start, step, count } = part;
  const from = b.shape(cotangent);
  const zeros = b.op("Expand", [
    b.scalarLike(cotangent, 0),
    b.integers(from.with(axis, full[axis] as number)),
  ]);
  const places = Array.from({ length: count }, (_, index) => start + index * step);
  const aligned = b.reshape(
    b.integers(places),
    from.map((_, i) => (i === axis ? count : 1)),
  );
  const indices = b.op("Expand", [aligned, b.integers(from)]);
  return b.op("ScatterElements", [zeros, indices, cotangent], { axis });
}

/** Cuts the cotangent back to x. Only zero or constant padding has this gradient. */
const pad: Rule = (c) => {
  const mode = c.node.attributes["mode"];
  if (mode?.type === "string" && mode.value !== "constant") {
    return refuse(c, `Pad in mode ${mode.value} has no rule`, "pad with a constant");
  }
  const shape = shapeOf(c);
  const axes = constants(c, 3) ?? [...shape.keys()];
  const starts = (constants(c, 1) ?? []).slice(0, axes.length);
  const ends = starts.map((start, i) => start + (shape[(axes[i] as number) % shape.length] as number));
  return [c.b.op("Slice", [c.g, c.b.integers(starts), c.b.integers(ends), c.b.integers(axes)])];
};

/** Tile as a broadcast: [d] repeated r times is [r, d], so its cotangent is summed over r. */
const tile: Rule = (c) => {
  const shape = shapeOf(c);
  const repeats = constants(c, 1) ?? [];
  const interleaved = shape.flatMap((size, axis) => [repeats[axis] as number, size]);
  const axes = shape.map((_, axis) => 2 * axis);
  return [c.b.op("ReduceSum", [c.b.reshape(c.g, interleaved), c.b.integers(axes)], { keepdims: 0 })];
};

export const layoutRules = {
  Concat: concat,
  Expand: (c) => [unbroadcast(c.b, c.g, shapeOf(c))],
  Flatten: reshaped,
  Pad: pad,
  Reshape: reshaped,
  Slice: slice,
  Split: split,
  Squeeze: reshaped,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: reshaped,
} satisfies Record<string, Rule>;
