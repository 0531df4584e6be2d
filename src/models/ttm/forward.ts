import type { Tensor } from "../../onnx/index.ts";
import type { BuildOptions } from "../forecast-model.ts";
import { ModelForward } from "../model-forward.ts";
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
export class Forward extends ModelForward {
  readonly architecture: TtmArchitecture;

  constructor(architecture: TtmArchitecture, weights: ReadonlyMap<string, Tensor>, options: BuildOptions) {
    super("ttm", weights, options);
    this.architecture = architecture;
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
    return this.dropAtRate(x, rate, path);
  }

  /** Picks entries along an axis, in order: slices of neighbours, joined. */
  pick(x: string, axis: number, indices: readonly number[]): string {
    const { graph } = this;
    const all = indices.length === graph.shape(x)[axis] && indices.every((index, place) => index === place);
    if (all) return x;
    const parts = runs(indices).map(([from, to]) => this.slice(x, axis, from, to));
    return parts.length === 1 ? (parts[0] as string) : graph.op("Concat", parts, { axis });
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
