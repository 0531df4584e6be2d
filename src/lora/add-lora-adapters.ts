import type { Random } from "../core/index.ts";
import { type Graph, GraphBuilder, type Node, type Tensor } from "../onnx/index.ts";
import { checkTensors } from "./check-tensors.ts";
import { type AdapterStart, initializeAdapter, remaindersOf } from "./initialize-adapter.ts";
import type { LoraConfig } from "./lora-config.ts";
import type { LoraModules } from "./modules.ts";
import { type AdapterPlan, type AdapterTarget, planAdapters } from "./plan-adapters.ts";
import { reparametriseBias, reparametriseWeight } from "./reparametrise.ts";
import type { LoraReport } from "./report.ts";
import { addUnmerged, type UnmergedWeight } from "./unmerged.ts";

/** Where the adapter's numbers come from, and whether the graph is for training. */
export type LoraSource = (
  | { readonly random: Random }
  | {
      readonly tensors: ReadonlyMap<string, Tensor>;
      /** Base weights without the part that a start took (pissa, olora), where they are known already; else they are computed. */
      readonly remainders?: ReadonlyMap<string, Tensor>;
    }
) & {
  /** False leaves the adapter's Dropout nodes out, for evaluation. Default true. */
  readonly training?: boolean;
};

/** A graph with adapters. */
export interface AdaptedGraph {
  readonly graph: Graph;
  /** The initializers to train, named as PEFT names them in `adapter_model.safetensors`; in a stable order. */
  readonly trainable: readonly string[];
  /** The adapter's other tensors: no output depends on them, so the graph does not hold them and they do not change. */
  readonly unused: ReadonlyMap<string, Tensor>;
  /** Values that a gradient must take as constants: DoRA's norms. */
  readonly stopGradients: ReadonlySet<string>;
  /** The settings with presets written out. */
  readonly config: LoraConfig;
  readonly report: LoraReport;
}

/**
 * Adds a trained low-rank update to every linear layer that the settings choose.
 *
 *     W' = W + s·B·A        A [r, in], B [out, r], s = alpha / r (rsLoRA: alpha / √r)
 *     W' = m·V/‖V‖          DoRA: V = W + s·B·A, norms by row, taken as constants by the gradient
 *
 * Without dropout W' is one node `Gemm(B, A, W)` that takes W's place, whoever uses it. With dropout every use
 * becomes x·Wᵀ + s·(drop(x)·Aᵀ)·Bᵀ. Trained biases and saved modules are the base's own initializers under PEFT's names.
 *
 * @param graph  the base graph, not changed; weights are initializers
 * @returns a new graph that computes what PEFT's wrapped model computes
 * @throws {LoraError} LORA_NO_TARGET if nothing matches, with the names there are; see `planAdapters`, `checkTensors`
 * @see Hu et al. 2021, §4.1; Liu et al. 2024 (DoRA), §4.3; peft `tuners/lora/layer.py`, `dora.py`
 */
export function addLoraAdapters(
  graph: Graph,
  modules: LoraModules,
  config: LoraConfig,
  source: LoraSource,
): AdaptedGraph {
  const base = modules.weights ?? graph.initializers;
  const plan = planAdapters(config, modules, base);
  const { tensors, remainders } = valuesOf(plan, base, source);
  const adapted = injectAdapters(withWeights(graph, remainders), plan, tensors, source.training ?? true);
  const isUsed = (key: string) => adapted.graph.initializers.has(key);
  const trained = [...plan.tensors].filter(([, { role }]) => role !== "buffer").map(([key]) => key);
  return {
    ...adapted,
    trainable: trained.filter(isUsed),
    unused: new Map([...tensors].filter(([key]) => !isUsed(key))),
    config: plan.config,
    report: plan.report,
  };
}

function valuesOf(plan: AdapterPlan, base: ReadonlyMap<string, Tensor>, source: LoraSource): AdapterStart {
  if ("random" in source) return initializeAdapter(plan, base, source.random);
  return {
    tensors: checkTensors(plan, source.tensors),
    remainders: source.remainders ?? remaindersOf(plan, base),
  };
}

function withWeights(graph: Graph, weights: ReadonlyMap<string, Tensor>): Graph {
  if (weights.size === 0) return graph;
  const entries = [...graph.initializers].map(
    ([name, tensor]) => [name, weights.get(name) ?? tensor] as const,
  );
  return { ...graph, initializers: new Map(entries) };
}

/** The graph of a plan with the given values. */
export function injectAdapters(
  graph: Graph,
  plan: AdapterPlan,
  tensors: ReadonlyMap<string, Tensor>,
  training: boolean,
): Pick<AdaptedGraph, "graph" | "stopGradients"> {
  const builder = new GraphBuilder(graph.name);
  builder.reserve(graph.nodes.flatMap((node) => node.outputs));
  const renamed = new Map(
    [...plan.tensors].flatMap(([key, { base }]) => (base === undefined ? [] : [[base, key]])),
  );
  for (const { name, dtype, shape } of graph.inputs) builder.input(name, dtype, shape);
  for (const [name, tensor] of graph.initializers) if (!renamed.has(name)) builder.initializer(name, tensor);
  for (const [key, tensor] of tensors) builder.initializer(key, tensor);

  const targets = plan.targets.filter(({ module }) => graph.initializers.has(module.weight));
  const dropout = training ? plan.config.lora_dropout : 0;
  const stopGradients = new Set<string>();
  const unmerged = new Map<string, UnmergedWeight>();
  for (const target of targets) {
    const { weight, bias } = target.module;
    if (target.keys.bBias && bias && (renamed.has(bias) || builder.has(bias)))
      renamed.set(bias, reparametriseBias(builder, renamed.get(bias) ?? bias, target));
    if (dropout > 0 && target.keys.magnitude === undefined) {
      unmerged.set(weight, { target, transposed: target.module.transposed ?? false });
      continue;
    }
    const adapted = reparametriseWeight(builder, target);
    if (adapted.norm) stopGradients.add(adapted.norm);
    if (dropout > 0) unmerged.set(weight, unmergedDora(builder, target, adapted.weight));
    else renamed.set(weight, adapted.weight);
  }
  for (const node of graph.nodes) addNode(builder, renameInputs(node, renamed), unmerged, dropout);
  for (const { name } of graph.outputs) builder.output(name);
  return { graph: builder.build(), stopGradients };
}

/** DoRA with dropout: y = x·Wᵀ + drop(x)·(W' − W)ᵀ, which is what PEFT computes. */
function unmergedDora(builder: GraphBuilder, target: AdapterTarget, adapted: string): UnmergedWeight {
  const { weight, transposed = false } = target.module;
  const difference = builder.op("Sub", [adapted, weight], undefined, { name: `${weight}:lora_difference` });
  return { target, transposed, difference };
}

function addNode(
  builder: GraphBuilder,
  node: Node,
  unmerged: ReadonlyMap<string, UnmergedWeight> & Map<string, UnmergedWeight>,
  dropout: number,
): void {
  const index = node.inputs.findIndex((name) => unmerged.has(name));
  const weight = index < 0 ? undefined : unmerged.get(node.inputs[index] as string);
  if (weight) addUnmerged(builder, node, { weight, index, dropout, unmerged });
  else builder.addNode(node);
}

function renameInputs(node: Node, names: ReadonlyMap<string, string>): Node {
  if (!node.inputs.some((name) => names.has(name))) return node;
  return { ...node, inputs: node.inputs.map((name) => names.get(name) ?? name) };
}
