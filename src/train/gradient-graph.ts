import { addGradients, prepareForGradients } from "../autodiff/index.ts";
import {
  eliminateCommonSubexpressions,
  fuseGemmAdd,
  type Graph,
  GraphBuilder,
  reassociateProducts,
} from "../onnx/index.ts";
import { type DropoutMask, feedDropoutMasks } from "./dropout.ts";
import { addLoss, type LossKind } from "./loss.ts";
import { liftParameters, type ParameterLayout } from "./parameters.ts";

export interface GradientGraphOptions {
  /** Forward graph with an output `predictions` [batch, time, channel]. */
  readonly forward: Graph;
  readonly layout: ParameterLayout;
  readonly loss: LossKind;
  /** The model's levels, where it forecasts quantiles. */
  readonly quantiles?: readonly number[] | null;
  /** Values the gradient does not flow through, such as DoRA's norms. */
  readonly stopGradients?: ReadonlySet<string>;
}

export interface GradientGraph {
  /** Inputs: the forward graph's, `parameters`, `future_values`, `future_mask`, `inverse_count`, dropout masks.
   *  Outputs: `loss` (scalar) and `gradient` [N]. */
  readonly graph: Graph;
  readonly masks: readonly DropoutMask[];
}

/** Forward, loss and gradients of one piece of a batch, with respect to one flat parameter vector. */
export function buildGradientGraph(options: GradientGraphOptions): GradientGraph {
  const { forward, layout, loss, stopGradients, quantiles } = options;
  const { graph, masks } = feedDropoutMasks(liftParameters(forward, layout));
  const b = GraphBuilder.from({ ...prepareForGradients(graph), outputs: [] });
  const lossName = addLoss(b, "predictions", loss, quantiles);
  const gradients = addGradients(b, {
    of: lossName,
    wrt: layout.slots.map(({ name }) => name),
    ...(stopGradients ? { stop: stopGradients } : {}),
  });
  const flat = gradients.map((name, index) => b.reshape(name, [layout.slots[index]?.size ?? 0]));
  b.output(lossName);
  b.output(flat.length === 1 ? (flat[0] as string) : b.op("Concat", flat, { axis: 0 }), "gradient");
  return { graph: optimizeGradientGraph(b.build()), masks };
}

/** The passes that pay on a train step, in order; each maps a graph to one that computes the same. */
function optimizeGradientGraph(graph: Graph): Graph {
  return fuseGemmAdd(reassociateProducts(eliminateCommonSubexpressions(graph)));
}
