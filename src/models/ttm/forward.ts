import { GraphBuilder, type Tensor } from "../../onnx/index.ts";
import { ModelError } from "../errors.ts";
import type { BuildOptions } from "../forecast-model.ts";
import type { TtmArchitecture } from "./architecture.ts";

/**
 * Which axis of a matrix a layer works on. `rows`: [entries, features], the features of a row are mixed.
 * `columns`: [features, entries], so patches are mixed without a transpose (the weight stands on the left).
 */
export type Along = "rows" | "columns";

/** Which rate a Dropout node takes: the decoder and forecast channel mixing share the head's. */
export type DropoutPart = "encoder" | "head";

/** What goes through a stack of mixers. */
export interface Pass {
  /** Rows per patch. */
  readonly series: number;
  readonly part: DropoutPart;
}

/** The graph under construction, with the model's weights at hand. Values are named by torch module paths. */
export class Forward {
  readonly graph: GraphBuilder;
  readonly architecture: TtmArchitecture;
  readonly options: BuildOptions;
  readonly #weights: ReadonlyMap<string, Tensor>;

  constructor(architecture: TtmArchitecture, weights: ReadonlyMap<string, Tensor>, options: BuildOptions) {
    this.graph = new GraphBuilder("ttm");
    this.architecture = architecture;
    this.options = options;
    this.#weights = weights;
  }

  /** Windows × channels. */
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

  /** `x·Wᵀ + b` for rows, `W·x + b` for columns; `x` is a matrix. */
  linear(path: string, x: string, along: Along): string {
    const weight = this.weight(`${path}.weight`);
    const bias = this.weight(`${path}.bias`);
    if (along === "rows") return this.graph.op("Gemm", [x, weight, bias], { transB: 1 }, { name: path });
    const column = this.graph.reshape(bias, [this.graph.shape(bias)[0] ?? 0, 1]);
    return this.graph.op("Gemm", [weight, x, column], {}, { name: path });
  }

  /** A Dropout node in training, nothing otherwise. */
  dropout(path: string, x: string, part: DropoutPart): string {
    const { dropout, head_dropout } = this.architecture.config;
    const given = this.options.dropout;
    const rate = part === "encoder" ? (given?.dropout ?? dropout) : (given?.headDropout ?? head_dropout);
    if (!this.options.training || rate === 0) return x;
    const on = this.graph.constant({ dtype: "bool", shape: [], data: Uint8Array.of(1) });
    return this.graph.op("Dropout", [x, this.graph.scalar(rate), on], {}, { name: path });
  }

  /** Picks entries along an axis, in order: slices of neighbours, joined. */
  pick(x: string, axis: number, indices: readonly number[]): string {
    const { graph } = this;
    const all = indices.length === graph.shape(x)[axis] && indices.every((index, place) => index === place);
    if (all) return x;
    const parts = runs(indices).map(([from, to]) => this.slice(x, axis, from, to));
    return parts.length === 1 ? (parts[0] as string) : graph.op("Concat", parts, { axis });
  }

  /** Entries [from, to) along an axis. */
  slice(x: string, axis: number, from: number, to: number): string {
    const { graph } = this;
    if (from === 0 && to === graph.shape(x)[axis]) return x;
    return graph.op("Slice", [x, graph.integers([from]), graph.integers([to]), graph.integers([axis])]);
  }

  /** Zeros of a shape, as a constant. */
  zeros(shape: readonly number[]): string {
    const count = shape.reduce((product, size) => product * size, 1);
    return this.graph.constant({ dtype: "float32", shape, data: new Float32Array(count) });
  }
}

/** Runs of consecutive numbers, each as [first, last + 1]. */
function runs(indices: readonly number[]): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (const index of indices) {
    const last = found.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else found.push([index, index + 1]);
  }
  return found;
}
