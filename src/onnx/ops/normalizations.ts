import type { TensorType } from "../graph.ts";
import { axisOf, type InferContext, input, intAttribute, type OpInfo, type } from "./op-info.ts";

function inferLayerNormalization(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const axis = axisOf(c, intAttribute(c, "axis", -1), x.shape.length);
  const statistics = type(
    "float32",
    x.shape.map((size, i) => (i < axis ? size : 1)),
  );
  return [x, statistics, statistics].slice(0, c.outputCount);
}

const first = (c: InferContext) => [input(c, 0)];

export const normalizationOps = {
  BatchNormalization: {
    attributes: { epsilon: "float", momentum: "float", training_mode: "int" },
    infer: first,
  },
  InstanceNormalization: { attributes: { epsilon: "float" }, infer: first },
  LayerNormalization: {
    attributes: { axis: "int", epsilon: "float", stash_type: "int" },
    infer: inferLayerNormalization,
  },
  LogSoftmax: { attributes: { axis: "int" }, infer: first },
  LpNormalization: { attributes: { axis: "int", p: "int" }, infer: first },
  MeanVarianceNormalization: { attributes: { axes: "ints" }, infer: first },
  Softmax: { attributes: { axis: "int" }, infer: first },
} as const satisfies Record<string, OpInfo>;
