import type { TensorType } from "../graph.ts";
import { axisOf, type InferContext, input, intAttribute, integers, type OpInfo, type } from "./op-info.ts";

function inferGather(c: InferContext): readonly TensorType[] {
  const [x, indices] = [input(c, 0), input(c, 1)];
  const axis = axisOf(c, intAttribute(c, "axis", 0), x.shape.length);
  return [type(x.dtype, [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)])];
}

function inferGatherND(c: InferContext): readonly TensorType[] {
  const [x, indices] = [input(c, 0), input(c, 1)];
  const batch = intAttribute(c, "batch_dims", 0);
  const depth = indices.shape.at(-1) ?? c.fail("the indices have no axis");
  return [type(x.dtype, [...indices.shape.slice(0, -1), ...x.shape.slice(batch + depth)])];
}

function inferTopK(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const [k] = integers(c, 1) ?? c.fail("k is missing");
  const shape = x.shape.with(axisOf(c, intAttribute(c, "axis", -1), x.shape.length), k as number);
  return [type(x.dtype, shape), type("int64", shape)].slice(0, c.outputCount);
}

function inferOneHot(c: InferContext): readonly TensorType[] {
  const indices = input(c, 0);
  const [depth] = integers(c, 1) ?? c.fail("the depth is missing");
  const rank = indices.shape.length + 1;
  return [
    type(
      input(c, 2).dtype,
      indices.shape.toSpliced(axisOf(c, intAttribute(c, "axis", -1), rank), 0, depth as number),
    ),
  ];
}

export const indexingOps = {
  CumSum: { attributes: { exclusive: "int", reverse: "int" }, infer: (c) => [input(c, 0)] },
  Gather: { attributes: { axis: "int" }, infer: inferGather },
  GatherElements: { attributes: { axis: "int" }, infer: (c) => [type(input(c, 0).dtype, input(c, 1).shape)] },
  GatherND: { attributes: { batch_dims: "int" }, infer: inferGatherND },
  OneHot: { attributes: { axis: "int" }, infer: inferOneHot },
  ScatterElements: { attributes: { axis: "int", reduction: "string" }, infer: (c) => [input(c, 0)] },
  ScatterND: { attributes: { reduction: "string" }, infer: (c) => [input(c, 0)] },
  TopK: { attributes: { axis: "int", largest: "int", sorted: "int" }, infer: inferTopK },
} as const satisfies Record<string, OpInfo>;
