import type { Graph } from "../graph.ts";
import { cancelTransposes } from "./cancel-transposes.ts";
import { eliminateCommonSubexpressions } from "./eliminate-common-subexpressions.ts";
import { eliminateDeadCode } from "./eliminate-dead-code.ts";
import { foldConstants } from "./fold-constants.ts";
import { foldScales } from "./fold-scales.ts";
import { fuseGeluGradient } from "./fuse-gelu-gradient.ts";
import { fuseGemmAdd } from "./fuse-gemm-add.ts";
import { reassociateProducts } from "./reassociate-products.ts";
import { recomputeActivations } from "./recompute-activations.ts";
import { shareFactors } from "./share-factors.ts";

/**
 * A rewriting of a graph. The contract of all: the graph given is not changed; the one returned is frozen, in topological
 * order, and has the same inputs and outputs, by name, type and order, with the same numbers up to rounding.
 */
export interface Pass {
  readonly name: string;
  /** One sentence for the table in `docs/performance.md`. */
  readonly purpose: string;
  readonly run: (graph: Graph) => Graph;
}

/** What a train step goes through after differentiation, in this order. */
export const passes = [
  {
    name: "fold-constants",
    purpose: "computes what depends on constants alone",
    run: (graph: Graph) => foldConstants(graph),
  },
  {
    name: "eliminate-common-subexpressions",
    purpose: "computes equal expressions once",
    run: eliminateCommonSubexpressions,
  },
  {
    name: "cancel-transposes",
    purpose: "joins Transposes and Reshapes, and lets a Gemm transpose its factors",
    run: cancelTransposes,
  },
  {
    name: "fuse-gelu-gradient",
    purpose: "lets Gelu and its gradient share one error function",
    run: fuseGeluGradient,
  },
  {
    name: "share-factors",
    purpose: "writes (g·u)·s as (g·s)·u where g·s is there already",
    run: shareFactors,
  },
  {
    name: "fold-scales",
    purpose: "moves numbers, such as LoRA's scale, into the alpha of a Gemm",
    run: foldScales,
  },
  {
    name: "reassociate-products",
    purpose: "multiplies the small factors of LoRA first where the full gradient of a weight costs more",
    run: reassociateProducts,
  },
  {
    name: "fuse-gemm-add",
    purpose: "adds inside of a Gemm",
    run: fuseGemmAdd,
  },
  {
    name: "recompute-activations",
    purpose: "computes cheap sums and products again on the way back instead of keeping them",
    run: recomputeActivations,
  },
  {
    name: "eliminate-dead-code",
    purpose: "drops what no output needs",
    run: eliminateDeadCode,
  },
] as const satisfies readonly Pass[];

export type PassName = (typeof passes)[number]["name"];

/** The names of all passes, in order. */
export const passNames = passes.map(({ name }) => name) as [PassName, ...PassName[]];

/** Runs every pass but the disabled ones. */
export function runPasses(graph: Graph, disabled: readonly PassName[] = []): Graph {
  return passes.reduce((current, { name, run }) => (disabled.includes(name) ? current : run(current)), graph);
}
