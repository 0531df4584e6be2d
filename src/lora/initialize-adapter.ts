import { Random } from "../core/index.ts";
import { elementCount, float32Tensor, type Tensor } from "../onnx/index.ts";
import { adaptedRows } from "./adapted-weight.ts";
import { LoraError } from "./errors.ts";
import { noWeight } from "./no-weight.ts";
import { orthogonalStart } from "./orthogonal-start.ts";
import type { AdapterPlan, AdapterTarget } from "./plan-adapters.ts";
import { partOfWeight, remainder, takesFromBase } from "./weight-parts.ts";

/** A [r, in], B [out, r] and, where B has one, its bias [out]. */
export interface Start {
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  readonly bBias?: ArrayLike<number>;
}

type Draw = (target: AdapterTarget, random: Random) => Start;

/** `init_lora_weights` → the values to start with. @see peft `tuners/lora/layer.py` */
const starts: ReadonlyMap<boolean | string, Draw> = new Map<boolean | string, Draw>([
  [
    true,
    ({ module, rank }, random) => ({
      a: uniform(rank * module.inFeatures, module.inFeatures, random),
      b: [],
    }),
  ],
  [
    "gaussian",
    ({ module, rank }, random) => ({ a: normal(rank * module.inFeatures, 1 / rank, random), b: [] }),
  ],
  [
    false,
    ({ module, rank }, random) => ({
      a: uniform(rank * module.inFeatures, module.inFeatures, random),
      b: uniform(rank * module.outFeatures, rank, random),
      bBias: uniform(module.outFeatures, rank, random),
    }),
  ],
  ["orthogonal", orthogonalStart],
]);

/**
 * The values an adapter starts with, by `init_lora_weights`:
 *
 *     true        A ~ U(−1/√in, 1/√in)   B = 0        the model starts as the base
 *     gaussian    A ~ N(0, 1/r²)         B = 0
 *     false       A ~ U(−1/√in, 1/√in)   B ~ U(−1/√r, 1/√r)
 *     orthogonal  A and B from orthogonal halves of a random basis, so that B·A = 0
 *     pissa, pissa_niter_k, olora   a part of the weight itself, see `partOfWeight`
 *
 * DoRA's magnitudes are the row norms of W + s·B·A; biases and saved modules start as the base has them.
 *
 * @param base  the model's weights by torch name
 * @throws {LoraError} LORA_UNSUPPORTED for a start that only PEFT can make; LORA_BAD_RANK for orthogonal and an odd rank
 */
export function initializeAdapter(
  plan: AdapterPlan,
  base: ReadonlyMap<string, Tensor>,
  random: Random,
): AdapterStart {
  const { init_lora_weights: init } = plan.config;
  const draw = takesFromBase(init) ? partDraw(String(init), base) : starts.get(init);
  if (!draw) throw unknownInit(init);
  const drawn = new Map<string, Tensor>();
  const remainders = new Map<string, Tensor>();
  for (const target of plan.targets) {
    const start = draw(target, random);
    const { keys, module, rank } = target;
    drawn.set(keys.a, filled([rank, module.inFeatures], start.a));
    drawn.set(keys.b, filled([module.outFeatures, rank], start.b));
    if (keys.bBias) drawn.set(keys.bBias, filled([module.outFeatures], start.bBias ?? []));
    const weight = base.get(module.weight);
    if (takesFromBase(init) && weight) remainders.set(module.weight, remainder(target, weight, start));
  }
  return { tensors: withBaseValues(plan, new Map([...base, ...remainders]), drawn), remainders };
}

/** What an adapter starts with. */
export interface AdapterStart {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** The base weights that lost a part to the adapter, by their names; empty for the other starts. */
  readonly remainders: ReadonlyMap<string, Tensor>;
}

/** Seeds the sketch of a weight where a start is made again for given values. */
export const SKETCH_SEED = 0;

/** The base weights of an adapter with given values, where its start took a part out of them. */
export function remaindersOf(
  plan: AdapterPlan,
  base: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> {
  if (!takesFromBase(plan.config.init_lora_weights)) return new Map();
  return initializeAdapter(plan, base, Random.fromSeed(SKETCH_SEED)).remainders;
}

function partDraw(init: string, base: ReadonlyMap<string, Tensor>): Draw {
  return (target, random) => {
    const weight = base.get(target.module.weight);
    if (!weight) throw noWeight(target.module);
    return partOfWeight(init, target, weight, random);
  };
}

/**
 * The same adapter with B at zero and everything else as the base has it: the model then computes what the base does,
 * whatever the adapter started from or was trained to.
 */
export function neutralTensors(
  plan: AdapterPlan,
  base: ReadonlyMap<string, Tensor>,
  tensors: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> {
  const zeroed = [...plan.tensors].flatMap(([key, { role, shape }]) => {
    const a = tensors.get(key);
    if (role === "A" && a) return [[key, a] as const];
    return role === "B" || role === "B.bias" ? [[key, filled(shape, [])] as const] : [];
  });
  return withBaseValues(plan, base, new Map(zeroed));
}

/** Adds magnitudes, biases and saved modules to A and B, in the plan's order. */
function withBaseValues(
  plan: AdapterPlan,
  base: ReadonlyMap<string, Tensor>,
  drawn: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> {
  const magnitudes = new Map(plan.targets.flatMap((target) => magnitudeOf(target, base, drawn)));
  const entries = [...plan.tensors].flatMap(([key, { base: name }]) => {
    const value = name === undefined ? (drawn.get(key) ?? magnitudes.get(key)) : base.get(name);
    return value ? [[key, value] as const] : [];
  });
  return new Map(entries);
}

function magnitudeOf(
  { module, keys, scale }: AdapterTarget,
  base: ReadonlyMap<string, Tensor>,
  drawn: ReadonlyMap<string, Tensor>,
): [string, Tensor][] {
  const [weight, a, b] = [base.get(module.weight), drawn.get(keys.a), drawn.get(keys.b)];
  if (keys.magnitude === undefined || !weight || !a || !b) return [];
  return [
    [keys.magnitude, float32Tensor([module.outFeatures], adaptedRows(module, weight, { a, b }, scale).norms)],
  ];
}

/** Values in a shape; those not given are zero. */
function filled(shape: readonly number[], values: ArrayLike<number>): Tensor {
  const data = new Float32Array(elementCount(shape));
  data.set(values);
  return float32Tensor(shape, data);
}

/** U(−1/√fan, 1/√fan): torch's kaiming_uniform with a = √5. */
function uniform(length: number, fan: number, random: Random): Float32Array {
  const bound = 1 / Math.sqrt(fan);
  return Float32Array.from({ length }, () => random.uniform(-bound, bound));
}

function normal(length: number, deviation: number, random: Random): Float32Array {
  return Float32Array.from({ length }, () => random.normal(deviation));
}

function unknownInit(init: boolean | string): LoraError {
  return new LoraError("LORA_UNSUPPORTED", `no start named '${init}' for a new adapter`, {
    where: "init_lora_weights",
    fix: `use one of ${[...starts.keys(), "pissa", "pissa_niter_4", "olora"].join(", ")}`,
  });
}
