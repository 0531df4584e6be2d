import type { TensorType } from "../graph.ts";
import {
  dtypeOfCode,
  type InferContext,
  input,
  intAttribute,
  integers,
  type OpInfo,
  type,
} from "./op-info.ts";

function inferConstantOfShape(c: InferContext): readonly TensorType[] {
  const value = c.attributes["value"];
  return [
    type(
      value?.type === "tensor" ? value.value.dtype : "float32",
      integers(c, 0) ?? c.fail("the shape is missing"),
    ),
  ];
}

function inferRange(c: InferContext): readonly TensorType[] {
  const [start, limit, delta] = [0, 1, 2].map((index) => {
    const value =
      c.constants[index] ?? c.fail("the ends of a range must be constants: shapes here are static");
    return Number(value.data[0]);
  }) as [number, number, number];
  return [type(input(c, 0).dtype, [Math.max(0, Math.ceil((limit - start) / delta))])];
}

/** Ops whose results follow from shapes or constants alone: with static shapes they fold away. */
export const constantOps = {
  ConstantOfShape: { attributes: { value: "tensor" }, infer: inferConstantOfShape },
  EyeLike: {
    attributes: { dtype: "int", k: "int" },
    infer: (c) => {
      const { dtype, shape } = input(c, 0);
      const code = intAttribute(c, "dtype", 0);
      return [type(code === 0 ? dtype : (dtypeOfCode[code] ?? c.fail("unknown element type")), shape)];
    },
  },
  Range: { infer: inferRange },
  Shape: {
    attributes: { start: "int", end: "int" },
    infer: (c) => {
      const rank = input(c, 0).shape.length;
      const all = [...Array(rank).keys()];
      return [type("int64", [all.slice(intAttribute(c, "start", 0), intAttribute(c, "end", rank)).length])];
    },
  },
  Size: { infer: () => [type("int64", [])] },
} as const satisfies Record<string, OpInfo>;
