import { GraphBuilder, type Tensor } from "../onnx/index.ts";
import { ModelError } from "./errors.ts";
import type { BuildOptions } from "./forecast-model.ts";

/**
 * A forward graph under construction, with the model's weights at hand: what the families share. Values are named by
 * torch module paths.
 */
export abstract class ModelForward {
  readonly graph: GraphBuilder;
  readonly options: BuildOptions;
  readonly #weights: ReadonlyMap<string, Tensor>;

  protected constructor(name: string, weights: ReadonlyMap<string, Tensor>, options: BuildOptions) {
    this.graph = new GraphBuilder(name);
    this.options = options;
    this.#weights = weights;
  }

  /** Windows × channels: every channel of a window is a series of its own. */
  get series(): number {
    return this.options.batch * this.options.channels;
  }

  hasWeight(name: string): boolean {
    return this.#weights.has(name);
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

  /** A Dropout node in training, nothing otherwise. */
  protected dropAtRate(x: string, rate: number, name?: string): string {
    if (!this.options.training || rate === 0) return x;
    const on = this.graph.constant({ dtype: "bool", shape: [], data: Uint8Array.of(1) });
    return this.graph.op("Dropout", [x, this.graph.scalar(rate), on], {}, name === undefined ? {} : { name });
  }

  /** Entries [from, to) along an axis. */
  slice(x: string, axis: number, from: number, to: number): string {
    const { graph } = this;
    if (from === 0 && to === graph.shape(x)[axis]) return x;
    return graph.op("Slice", [x, graph.integers([from]), graph.integers([to]), graph.integers([axis])]);
  }
}
