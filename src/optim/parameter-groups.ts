import type { OptimizerSettings } from "./schema.ts";

/** A trained tensor by its name, and the size of its stretch of the flat vector. */
export interface GroupedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
}

/** A factor for each value of the flat vector; undefined where all are 1. */
export interface ParameterFactors {
  readonly rateFactors: Float32Array | undefined;
  readonly decayFactors: Float32Array | undefined;
}

/** What {@link parameterFactors} found, and the patterns that matched no tensor. */
export interface GroupedFactors extends ParameterFactors {
  readonly unmatched: readonly string[];
}

/**
 * The factors of parameter groups: a tensor belongs to the first group whose regular expression its name contains. With
 * `decay_on: matrices`, tensors of one dimension (biases and norms) do not decay, whatever their group.
 *
 * @param tensors  in the order of the flat vector
 */
export function parameterFactors(
  tensors: readonly GroupedTensor[],
  { groups, decay_on }: Pick<OptimizerSettings, "groups" | "decay_on">,
): GroupedFactors {
  const patterns = groups.map(({ params }) => new RegExp(params));
  const groupOf = ({ name }: GroupedTensor) => groups[patterns.findIndex((pattern) => pattern.test(name))];
  const rate = (tensor: GroupedTensor) => groupOf(tensor)?.lr_factor ?? 1;
  const decay = (tensor: GroupedTensor) =>
    decay_on === "matrices" && tensor.shape.length < 2 ? 0 : (groupOf(tensor)?.weight_decay_factor ?? 1);
  return {
    rateFactors: spread(tensors, rate),
    decayFactors: spread(tensors, decay),
    unmatched: groups
      .filter((_, index) => !tensors.some(({ name }) => patterns[index]?.test(name)))
      .map(({ params }) => params),
  };
}

/** The products of two sets of factors. */
export function multiplyFactors(a: ParameterFactors, b: ParameterFactors): ParameterFactors {
  return {
    rateFactors: product(a.rateFactors, b.rateFactors),
    decayFactors: product(a.decayFactors, b.decayFactors),
  };
}

function product(a: Float32Array | undefined, b: Float32Array | undefined): Float32Array | undefined {
  return a && b ? a.map((value, index) => value * (b[index] as number)) : (a ?? b);
}

/** Each tensor's factor over its stretch of the flat vector. */
function spread(
  tensors: readonly GroupedTensor[],
  factorOf: (tensor: GroupedTensor) => number,
): Float32Array | undefined {
  const factors = tensors.map(factorOf);
  if (factors.every((factor) => factor === 1)) return undefined;
  const flat = new Float32Array(tensors.reduce((sum, { size }) => sum + size, 0));
  let offset = 0;
  tensors.forEach(({ size }, index) => {
    flat.fill(factors[index] as number, offset, offset + size);
    offset += size;
  });
  return flat;
}
