import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { LoRAManager, parseLoraConfig } from "../../src/lora/index.ts";
import type { ForecastModel } from "../../src/models/index.ts";
import { type DType, type Graph, inferTypes, type Node } from "../../src/onnx/index.ts";
import { adamW, constantSchedule } from "../../src/optim/index.ts";
import { exportStep, layoutParameters } from "../../src/train/index.ts";
import { tinyBolt } from "../models/chronos/support.ts";
import { smallTtm } from "./support.ts";

const all = ["float32", "float16", "bfloat16"] as const;
const noBrain = ["float32", "float16"] as const;

/**
 * The element types of an op's first input for which ONNX Runtime has a CUDA kernel: whatever is not here would be computed on
 * the CPU, with a copy there and back.
 *
 * @see onnxruntime docs/OperatorKernels.md, CUDAExecutionProvider, 1.24
 */
const kernels: Readonly<Record<string, readonly DType[]>> = {
  ...Object.fromEntries(
    [
      ["Abs", "Add", "Concat", "Div", "Erf", "Exp", "Expand", "Gather", "Gelu", "Gemm", "Identity"],
      ["LayerNormalization", "MatMul", "Max", "Min", "Mul", "Neg", "Pow", "ReduceSum", "Relu", "Reshape"],
      ["Sigmoid", "Sign", "Slice", "Softmax", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "Tile"],
      ["Transpose", "Unsqueeze"],
    ]
      .flat()
      .map((op) => [op, all]),
  ),
  ...Object.fromEntries(
    [
      ["Clip", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Log", "Pad", "Reciprocal"],
      ["ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceSumSquare"],
    ]
      .flat()
      .map((op) => [op, noBrain]),
  ),
  And: ["bool"],
  Cast: [...all, "bool", "int64"],
  IsInf: all,
  IsNaN: noBrain,
  Not: ["bool"],
  Or: ["bool"],
  Where: ["bool"],
};

/** Nodes that a GPU would leave to the CPU. */
function misplaced(graph: Graph): string[] {
  const types = inferTypes(graph);
  const place = ({ op, name, inputs }: Node) => {
    const dtype = types.get(inputs.find((input) => input !== "") ?? "")?.dtype ?? "bool";
    return kernels[op]?.includes(dtype) ? [] : [`${op} '${name}' (${dtype})`];
  };
  return graph.nodes.flatMap(place);
}

/** What is no float and no truth value: shapes, indices. */
function integers(graph: Graph): string[] {
  const types = inferTypes(graph);
  return graph.nodes
    .filter(({ outputs }) => types.get(outputs[0] ?? "")?.dtype === "int64")
    .map(({ op }) => op);
}

const ttm = smallTtm({ dropout: 0.1, head_dropout: 0.1, gated_attn: true });
const chronos = tinyBolt();

function stepOf(model: ForecastModel, adapter: object, precision: (typeof all)[number]): Graph {
  const withMask = model === chronos;
  const config = parseLoraConfig({ peft_type: "LORA", r: 2, target_modules: "all-linear", ...adapter });
  const lora = LoRAManager.create(model, config, Random.fromSeed(2));
  const build = (batch: number, training: boolean) =>
    lora.attach(model.build({ batch, channels: 2, training, withMask }), { training });
  return exportStep({
    buildForward: (windows, training) => build(windows, training).graph,
    stopGradients: build(1, false).stopGradients,
    layout: layoutParameters(lora.tensors, build(1, false).trainable),
    loss: withMask ? "quantile" : "mse",
    quantiles: model.quantiles,
    optimizer: adamW({ betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01 }),
    clipNorm: 1,
    precision,
    batchSize: 3,
    dropout: true,
    schedule: constantSchedule(0.001),
    totalSteps: 4,
  }).graph;
}

describe("a train step under CUDA", () => {
  const adapters = [
    ["LoRA", {}],
    ["LoRA with dropout", { lora_dropout: 0.1 }],
    ["DoRA", { use_dora: true }],
  ] as const;
  for (const [name, model] of [["ttm", ttm] as const, ["chronos-bolt", chronos] as const]) {
    for (const [label, adapter] of adapters) {
      it.each(all)(`leaves nothing to the CPU: ${name}, ${label}, %s`, (precision) => {
        const graph = stepOf(model, adapter, precision);
        expect(misplaced(graph)).toEqual([]);
        // the row of the schedule's table that is looked up; all shapes are constants
        expect(integers(graph)).toEqual(["Cast"]);
      });
    }
  }
});
