import type { Random } from "../core/index.ts";
import { elementCount, type Graph, type Tensor } from "../onnx/index.ts";
import { grad, gradientName } from "./grad.ts";

/** Runs a graph: the checker is handed one, so that this room needs no runtime. */
export type Evaluate = (
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
) => Promise<Readonly<Record<string, Tensor>>>;

export interface GradientCheck {
  readonly graph: Graph;
  /** The scalar output to differentiate. */
  readonly of: string;
  /** Float graph inputs to differentiate for. */
  readonly wrt: readonly string[];
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly evaluate: Evaluate;
  readonly random: Random;
  /** Step of the central difference, relative to inputs of size one. */
  readonly step?: number;
}

export interface GradientDeviation {
  readonly analytic: number;
  readonly numeric: number;
  /** |analytic − numeric| over the larger of both and 1e-3. */
  readonly relative: number;
}

/**
 * Holds a gradient against a central difference along a random direction v:
 *
 *     ⟨∇f(x), v⟩   against   (f(x + h·v) − f(x − h·v)) / 2h
 *
 * Inputs should be float64: in float32 the difference is good to about 1e-3 only.
 */
export async function checkGradients(check: GradientCheck): Promise<GradientDeviation> {
  const { graph, of, wrt, feeds, evaluate, random } = check;
  const step = check.step ?? 1e-5;
  const directions = new Map(wrt.map((name) => [name, randomDirection(feeds[name] as Tensor, random)]));
  const gradients = await evaluate(grad(graph, { of, wrt }), feeds);
  const analytic = wrt.reduce((sum, name) => {
    return sum + dot(gradients[gradientName(name, graph)] as Tensor, directions.get(name) as Float64Array);
  }, 0);
  const value = async (h: number) => {
    const moved = wrt.map((name) => [
      name,
      shifted(feeds[name] as Tensor, directions.get(name) as Float64Array, h),
    ]);
    const outputs = await evaluate(graph, { ...feeds, ...Object.fromEntries(moved) });
    return Number((outputs[of] as Tensor).data[0]);
  };
  const numeric = ((await value(step)) - (await value(-step))) / (2 * step);
  const relative = Math.abs(analytic - numeric) / Math.max(Math.abs(analytic), Math.abs(numeric), 1e-3);
  return { analytic, numeric, relative };
}

function randomDirection(tensor: Tensor, random: Random): Float64Array {
  return Float64Array.from({ length: elementCount(tensor.shape) }, () => random.normal());
}

function dot(tensor: Tensor, direction: Float64Array): number {
  return direction.reduce((sum, value, index) => sum + value * Number(tensor.data[index]), 0);
}

function shifted(tensor: Tensor, direction: Float64Array, h: number): Tensor {
  const data = Float64Array.from(direction, (value, index) => Number(tensor.data[index]) + h * value);
  return { ...tensor, data: tensor.dtype === "float64" ? data : Float32Array.from(data) };
}
