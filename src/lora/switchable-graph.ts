import { elementCount, float32Tensor, type Graph, type Tensor } from "../onnx/index.ts";
import { adaptedRows } from "./adapted-weight.ts";
import { injectAdapters } from "./add-lora-adapters.ts";
import { LoraError } from "./errors.ts";
import type { LoRAManager } from "./lora-manager.ts";
import type { AdapterPlan, AdapterTarget } from "./plan-adapters.ts";

/** A graph whose adapter is fed: one session serves several adapters, and the base model, one after the other. */
export interface SwitchableGraph {
  /** The base graph with the adapters' tensors as further inputs. */
  readonly graph: Graph;
  /**
   * The further inputs' values for an adapter of the same base, also one that was made or loaded later; null for the base model itself.
   *
   * @throws {LoraError} LORA_DOES_NOT_FIT where it has layers, or ranks, that the graph was not built for
   */
  feeds(adapter: LoRAManager | null): Readonly<Record<string, Tensor>>;
}

export interface SwitchableOptions {
  /** Room for larger ranks than those of the adapters given. */
  readonly rank?: number;
}

/**
 * Builds a graph for switching between adapters without a new session:
 *
 *     const { graph, feeds } = switchableGraph(model.build(options), [hot, cold]);
 *     const session = await createSession(graph);
 *     await session.run({ past_values, ...feeds(hot) });
 *     await session.run({ past_values, ...feeds(cold) });
 *
 * Every layer that one of them adapts has room for the largest rank; smaller ones are filled up with zeros, and the scale is worked into B.
 * DoRA's magnitudes, trained biases and saved modules are inputs too where one of them has such.
 *
 * @param adapters  at least one, all of one model
 */
export function switchableGraph(
  graph: Graph,
  adapters: readonly [LoRAManager, ...LoRAManager[]],
  { rank = 1 }: SwitchableOptions = {},
): SwitchableGraph {
  const plain = adapters.map((adapter) => adapter.plain());
  const room = commonPlan(
    plain.map((adapter) => adapter.plan),
    rank,
  );
  const zeros = new Map([...room.tensors].map(([key, { shape }]) => [key, zeroTensor(shape)]));
  const adapted = injectAdapters(graph, room, zeros, false).graph;
  const fed = [...room.tensors].filter(([key]) => adapted.initializers.has(key));
  const isFed = new Set(fed.map(([key]) => key));
  const base = plain[0]?.base ?? new Map();
  return {
    graph: {
      ...adapted,
      initializers: new Map([...adapted.initializers].filter(([name]) => !isFed.has(name))),
      inputs: [
        ...adapted.inputs,
        ...fed.map(([name, { shape }]) => ({ name, dtype: "float32" as const, shape })),
      ],
    },
    feeds: (adapter) => {
      const values = valuesIn(room, adapter?.plain() ?? null, base);
      return Object.fromEntries([...isFed].map((key) => [key, values.get(key) ?? zeroTensor([])]));
    },
  };
}

/** Layers and tensors of all plans together, with the largest rank and a scale of 1. */
function commonPlan(plans: readonly AdapterPlan[], atLeast: number): AdapterPlan {
  const [first] = plans as readonly [AdapterPlan];
  const targets = new Map<string, AdapterTarget>();
  for (const target of plans.flatMap((plan) => plan.targets)) {
    const known = targets.get(target.module.path);
    targets.set(target.module.path, {
      module: target.module,
      rank: Math.max(atLeast, target.rank, known?.rank ?? 1),
      alpha: 1,
      scale: 1,
      keys: { ...known?.keys, ...target.keys },
    });
  }
  const tensors = new Map(plans.flatMap((plan) => [...plan.tensors]));
  for (const { keys, module, rank } of targets.values()) {
    tensors.set(keys.a, { role: "A", shape: [rank, module.inFeatures] });
    tensors.set(keys.b, { role: "B", shape: [module.outFeatures, rank] });
  }
  return { ...first, targets: [...targets.values()], tensors };
}

/** The room's tensors filled with an adapter, or with what leaves the base as it is. */
function valuesIn(
  room: AdapterPlan,
  adapter: LoRAManager | null,
  base: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> {
  if (adapter) requireRoom(room, adapter.plan);
  const own = new Map(adapter?.plan.targets.map((target) => [target.module.path, target]));
  const values = new Map<string, Tensor>();
  for (const [key, { base: name, shape }] of room.tensors) {
    if (name !== undefined) values.set(key, adapter?.tensors.get(key) ?? base.get(name) ?? zeroTensor(shape));
  }
  for (const target of room.targets) fillLayer(values, target, own.get(target.module.path), adapter, base);
  return values;
}

function fillLayer(
  values: Map<string, Tensor>,
  { module, rank, keys }: AdapterTarget,
  own: AdapterTarget | undefined,
  adapter: LoRAManager | null,
  base: ReadonlyMap<string, Tensor>,
): void {
  const stored = (key: string | undefined) => (key === undefined ? undefined : adapter?.tensors.get(key));
  const scale = own?.scale ?? 0;
  const a = padded(stored(own?.keys.a), [rank, module.inFeatures], 1);
  const b = padded(stored(own?.keys.b), [module.outFeatures, rank], scale);
  values.set(keys.a, a);
  values.set(keys.b, b);
  if (keys.bBias) values.set(keys.bBias, padded(stored(own?.keys.bBias), [module.outFeatures], scale));
  const weight = base.get(module.weight);
  if (keys.magnitude === undefined || !weight) return;
  // without DoRA a magnitude is what the row has anyhow
  const magnitude = stored(own?.keys.magnitude);
  const norms = () => float32Tensor([module.outFeatures], adaptedRows(module, weight, { a, b }, 1).norms);
  values.set(keys.magnitude, magnitude ?? norms());
}

/** A matrix or vector times a factor in the corner of a larger one. */
function padded(tensor: Tensor | undefined, shape: readonly number[], factor: number): Tensor {
  const result = new Float32Array(elementCount(shape));
  const [columns = 1, into = 1] = [tensor?.shape[1] ?? 1, shape[1] ?? 1];
  tensor?.data.forEach((value: number | bigint, index: number) => {
    result[Math.floor(index / columns) * into + (index % columns)] = factor * Number(value);
  });
  return float32Tensor(shape, result);
}

function zeroTensor(shape: readonly number[]): Tensor {
  return float32Tensor(shape, new Float32Array(elementCount(shape)));
}

function requireRoom(room: AdapterPlan, plan: AdapterPlan): void {
  const ranks = new Map(room.targets.map(({ module, rank }) => [module.path, rank]));
  const extra = [...plan.tensors.keys()].filter((key) => !room.tensors.has(key));
  const large = plan.targets.filter(({ module, rank }) => rank > (ranks.get(module.path) ?? rank));
  if (extra.length === 0 && large.length === 0) return;
  const what = [
    ...(extra.length > 0
      ? [`it has '${extra[0]}'${extra.length > 1 ? ` and ${extra.length - 1} more` : ""}`]
      : []),
    ...large
      .slice(0, 1)
      .map(({ module, rank }) => `rank ${rank} on ${module.path}, with room for ${ranks.get(module.path)}`),
  ];
  throw new LoraError("LORA_DOES_NOT_FIT", `the graph has no room for this adapter: ${what.join("; ")}`, {
    where: "switchableGraph",
    fix: "build the graph with this adapter among those it is made for, or with a larger rank",
  });
}
