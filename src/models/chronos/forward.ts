import type { Tensor } from "../../onnx/index.ts";
import type { BuildOptions } from "../forecast-model.ts";
import { ModelForward } from "../model-forward.ts";
import type { BoltConfig } from "./schema.ts";

/** Which rate a Dropout node takes: the last block has its own in {@link BuildOptions}. */
export type DropoutPart = "stacks" | "head";

/** The graph under construction, with the model's weights at hand. Values are named by torch module paths. */
export class Forward extends ModelForward {
  readonly config: BoltConfig;

  constructor(config: BoltConfig, weights: ReadonlyMap<string, Tensor>, options: BuildOptions) {
    super("chronos-bolt", weights, options);
    this.config = config;
  }

  /** `x·Wᵀ`, plus the bias where the layer has one; `x` is a matrix. */
  linear(path: string, x: string): string {
    const bias = `${path}.bias`;
    const inputs = [x, this.weight(`${path}.weight`), ...(this.hasWeight(bias) ? [this.weight(bias)] : [])];
    return this.graph.op("Gemm", inputs, { transB: 1 }, { name: path });
  }

  /** T5's norm, `x / √(mean(x²) + ε) ⊙ w` over the rows of a matrix. */
  rmsNorm(path: string, x: string): string {
    const { graph, config } = this;
    // not ReduceSumSquare: the runtime has no fast form of it, it takes twenty times as long
    const mean = graph.op("ReduceMean", [graph.op("Mul", [x, x]), graph.integers([1])]);
    const root = graph.op("Sqrt", [graph.op("Add", [mean, graph.scalar(config.layer_norm_epsilon)])]);
    const scaled = graph.op("Mul", [x, graph.op("Reciprocal", [root])]);
    return graph.op("Mul", [scaled, this.weight(`${path}.weight`)], undefined, { name: path });
  }

  /** A Dropout node in training, nothing otherwise. */
  dropout(x: string, part: DropoutPart = "stacks"): string {
    const { dropout, headDropout } = this.options.dropout ?? {};
    const rate = (part === "head" ? headDropout : dropout) ?? this.config.dropout_rate;
    return this.dropAtRate(x, rate);
  }
}
