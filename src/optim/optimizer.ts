import type { GraphBuilder } from "../onnx/index.ts";

/** What a step tells the optimizer; computed in double precision outside of the graph. */
export interface StepInfo {
  /** 1 for the first step. */
  readonly index: number;
  readonly learningRate: number;
  /** Overrides the optimizer's own first beta (or momentum) where the schedule cycles it. */
  readonly beta1?: number | undefined;
}

/** Names of the values an update reads, in the graph under construction. All vectors are float32 [N]. */
export interface UpdateInputs {
  readonly parameters: string;
  readonly gradient: string;
  readonly state: Readonly<Record<string, string>>;
  readonly scalars: Readonly<Record<string, string>>;
  /** Learning-rate factor of each value, [N]; absent where all are 1. */
  readonly rateFactors?: string | undefined;
  /** Weight-decay factor of each value, [N]; absent where all are 1. */
  readonly decayFactors?: string | undefined;
}

export interface UpdateOutputs {
  readonly parameters: string;
  readonly state: Readonly<Record<string, string>>;
}

/** An optimizer as a pure pair: `state` names vectors that start at zero, `update` adds its nodes to a graph. */
export interface Optimizer {
  readonly name: string;
  readonly state: readonly string[];
  /** Names of the scalars that every step feeds. */
  readonly scalars: readonly string[];
  /** Values of those scalars in one step. */
  scalarValues(step: StepInfo): Readonly<Record<string, number>>;
  update(b: GraphBuilder, inputs: UpdateInputs): UpdateOutputs;
  /** The moving average of the parameters after so many steps, where the optimizer keeps one ({@link withAverage}). */
  average?(state: Readonly<Record<string, Float32Array>>, steps: number): Float32Array | undefined;
}

/** Multiplies by a per-value factor where there is one. */
export function scaledBy(b: GraphBuilder, value: string, factors: string | undefined): string {
  return factors === undefined ? value : b.op("Mul", [value, factors]);
}
