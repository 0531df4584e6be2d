import { GraphBuilder, type Tensor } from "../../onnx/index.ts";
import { ModelError } from "../errors.ts";
import type { BuildOptions } from "../forecast-model.ts";
import type { BoltConfig } from "./schema.ts";

/** Which rate a Dropout node takes: the last block has its own in {@link BuildOptions}. */
export type DropoutPart = "stacks" | "head";

/** The graph under construction, with the model's weights at hand. Values are named by torch module paths. */
export class Forward {
  readonly graph = new GraphBuilder("chronos-bolt");
  readonly config: BoltConfig;
  readonly options: BuildOptions;
  readonly #weights: ReadonlyMap<string, Tensor>;

  constructor(config: BoltConfig, weights: ReadonlyMap<string, Tensor>, options: BuildOptions) {
    this.config = config;
    this.options = options;
    this.#weights = weights;
  }

  /** Windows × channels: every channel of a window is a series of its own. */
  get series(): number {
    return this.options.batch * this.options.channels;
  }

  /** The initializer of a weight, added on its first use. */
  weight(name: string): string {
    if (this.graph.has(name)) return name;
    const tensor = this.#weights.get(name);
    if (tensor) return this.graph.initializer(name, tensor);
    throw new ModelError("MODEL_WEIGHTS_MISMATCH", `the model has no weight '${name}'`, {
      fix: "internal: the list of modules and the graph disagree",
    });
  }

  /** `x·Wᵀ`, plus the bias where the layer has one; `x` is a matrix. */
  linear(path: string, x: string): string {
    const bias = `${path}.bias`;
    const inputs = [
      x,
      this.weight(`${path}.weight`),
      ...(this.#weights.has(bias) ? [this.weight(bias)] : []),
    ];
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
    if (!this.options.training || rate === 0) return x;
    const on = this.graph.constant({ dtype: "bool", shape: [], data: Uint8Array.of(1) });
    return this.graph.op("Dropout", [x, this.graph.scalar(rate), on]);
  }

  /** Entries [from, to) along an axis. */
  slice(x: string, axis: number, from: number, to: number): string {
    const { graph } = this;
    if (from === 0 && to === graph.shape(x)[axis]) return x;
    return graph.op("Slice", [x, graph.integers([from]), graph.integers([to]), graph.integers([axis])]);
  }
}
