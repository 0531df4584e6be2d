import { addGradients, prepareForGradients } from "../autodiff/index.ts";
import {
  autocast,
  type Graph,
  GraphBuilder,
  type HalfDType,
  type PassName,
  runPasses,
} from "../onnx/index.ts";
import { type DropoutMask, feedDropoutMasks } from "./dropout.ts";
import { addLoss, type LossKind } from "./loss.ts";
import { LOSS_SCALE } from "./loss-scaling.ts";
import { liftParameters, PARAMETERS, type ParameterLayout } from "./parameters.ts";

export interface GradientGraphOptions {
  /** Forward graph with an output `predictions` [batch, time, channel]. */
  readonly forward: Graph;
  readonly layout: ParameterLayout;
  readonly loss: LossKind;
  /** The model's levels, where it forecasts quantiles. */
  readonly quantiles?: readonly number[] | null;
  /** Values the gradient does not flow through, such as DoRA's norms. */
  readonly stopGradients?: ReadonlySet<string>;
  /** Passes that are left out; the numbers are the same up to rounding. */
  readonly disabledPasses?: readonly PassName[];
  /** In what products are computed; weights, loss and gradients are float32 in any case. */
  readonly precision?: "float32" | HalfDType;
}

export interface GradientGraph {
  /**
   * Inputs: the forward graph's, `parameters`, `future_values`, `future_mask`, `inverse_count`, dropout masks, and in
   * float16 `loss_scale`. Outputs: `loss` (scalar) and `gradient` [N], in float16 multiplied with the scale.
   */
  readonly graph: Graph;
  readonly masks: readonly DropoutMask[];
}

/** Forward, loss and gradients of one piece of a batch, with respect to one flat parameter vector. */
export function buildGradientGraph(options: GradientGraphOptions): GradientGraph {
  const { forward, layout, loss, stopGradients, quantiles, disabledPasses, precision = "float32" } = options;
  const { graph, masks } = feedDropoutMasks(liftParameters(forward, layout));
  const computed =
    precision === "float32" ? graph : autocast(graph, { dtype: precision, weights: new Set([PARAMETERS]) });
  const b = GraphBuilder.from({ ...prepareForGradients(computed), outputs: [] });
  const lossName = addLoss(b, "predictions", loss, quantiles);
  const gradients = addGradients(b, {
    of: precision === "float16" ? scaledLoss(b, lossName) : lossName,
    wrt: layout.slots.map(({ name }) => name),
    ...(stopGradients ? { stop: stopGradients } : {}),
  });
  const flat = gradients.map((name, index) => b.reshape(name, [layout.slots[index]?.size ?? 0]));
  b.output(lossName);
  b.output(flat.length === 1 ? (flat[0] as string) : b.op("Concat", flat, { axis: 0 }), "gradient");
  return { graph: runPasses(b.build(), disabledPasses), masks };
}

/** Small gradients would vanish in float16: they are all multiplied with one number until the update. */
function scaledLoss(b: GraphBuilder, loss: string): string {
  return b.op("Mul", [loss, b.input(LOSS_SCALE, "float32", [])]);
}
