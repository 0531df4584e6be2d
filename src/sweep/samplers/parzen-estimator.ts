import type { Random } from "../../core/index.ts";
import type { Distribution, NumericDistribution } from "../space/distribution.ts";
import { fromSearchLine, searchBounds, toSearchLine } from "../space/distribution.ts";
import { logNormalDensity, logNormalMass } from "./normal-mass.ts";

export interface ParzenSettings {
  /** The weight of the prior, beside one for each observation. */
  readonly priorWeight: number;
  /** Whether a kernel has a least width that shrinks as observations come. */
  readonly magicClip: boolean;
  /** Whether the first and the last observation look at the bounds for their kernel's width. */
  readonly endpoints: boolean;
}

/** The kernels of one key, one for each observation and the prior last. */
interface Kernels {
  draw(random: Random, kernel: number): number;
  /** Adds the log density of `value` under every kernel to `sums`. */
  addLogDensity(value: number, sums: Float64Array): void;
}

/**
 * A mixture of product kernels around observed points: Gaussians cut off at the bounds (their masses on the steps, for values
 * with steps), and smoothed frequencies for categories. The last kernel is the prior: all values.
 *
 * @see Bergstra et al. 2011, §4; Watanabe 2023, arXiv 2304.11127, §3.3
 */
export class ParzenEstimator {
  readonly #kernels: readonly Kernels[];
  readonly #logWeights: Float64Array;
  readonly #cumulative: Float64Array;

  /**
   * @param observations  points, each with one value for each distribution
   * @param weights       one for each observation
   */
  constructor(
    distributions: readonly Distribution[],
    observations: readonly (readonly number[])[],
    weights: readonly number[],
    settings: ParzenSettings,
  ) {
    const all = observations.length === 0 ? [1] : [...weights, settings.priorWeight];
    const total = all.reduce((sum, weight) => sum + weight, 0);
    this.#logWeights = Float64Array.from(all, (weight) => Math.log(weight / total));
    let sum = 0;
    this.#cumulative = Float64Array.from(all, (weight) => (sum += weight / total));
    this.#kernels = distributions.map((distribution, index) => {
      const values = observations.map((point) => point[index] ?? 0);
      return distribution.kind === "categorical"
        ? categoryKernels(distribution.size, values, settings)
        : numericKernels(distribution, values, settings);
    });
  }

  draw(random: Random): number[] {
    const place = random.uniform();
    const found = this.#cumulative.findIndex((share) => place < share);
    const kernel = found < 0 ? this.#cumulative.length - 1 : found;
    return this.#kernels.map((kernels) => kernels.draw(random, kernel));
  }

  logDensity(point: readonly number[]): number {
    const sums = Float64Array.from(this.#logWeights);
    for (const [index, kernels] of this.#kernels.entries()) kernels.addLogDensity(point[index] ?? 0, sums);
    let most = Number.NEGATIVE_INFINITY;
    for (const sum of sums) if (sum > most) most = sum;
    if (most === Number.NEGATIVE_INFINITY) return most;
    let total = 0;
    for (const sum of sums) total += Math.exp(sum - most);
    return Math.log(total) + most;
  }
}

function categoryKernels(
  size: number,
  observed: readonly number[],
  { priorWeight }: ParzenSettings,
): Kernels {
  if (observed.length === 0) {
    const even = -Math.log(size);
    return {
      draw: (random) => random.integer(0, size - 1),
      addLogDensity: (_, sums) => {
        for (let kernel = 0; kernel < sums.length; kernel++) sums[kernel] = (sums[kernel] ?? 0) + even;
      },
    };
  }
  const prior = priorWeight / (observed.length + 1);
  const norm = 1 + prior * size;
  const [own, other, even] = [Math.log((1 + prior) / norm), Math.log(prior / norm), -Math.log(size)];
  return {
    draw(random, kernel) {
      const centre = observed[kernel];
      const isOwn = centre !== undefined && random.uniform() * norm < 1;
      return isOwn ? centre : random.integer(0, size - 1);
    },
    addLogDensity(value, sums) {
      for (let kernel = 0; kernel < observed.length; kernel++) {
        sums[kernel] = (sums[kernel] ?? 0) + (observed[kernel] === value ? own : other);
      }
      const last = observed.length;
      sums[last] = (sums[last] ?? 0) + even;
    },
  };
}

function numericKernels(
  distribution: NumericDistribution,
  observed: readonly number[],
  settings: ParzenSettings,
): Kernels {
  const [low, high] = searchBounds(distribution);
  const places = observed.map((value) => toSearchLine(distribution, value));
  const centres = Float64Array.from([...places, (low + high) / 2]);
  const widths = Float64Array.from([...kernelWidths(places, low, high, settings), high - low]);
  const norms = centres.map((centre, kernel) => {
    const width = widths[kernel] ?? 1;
    const mass = logNormalMass((low - centre) / width, (high - centre) / width);
    return distribution.step === null ? mass + Math.log(width) : mass;
  });
  return {
    draw(random, kernel) {
      const [centre = low, width = high - low] = [centres[kernel], widths[kernel]];
      return fromSearchLine(distribution, drawWithin(random, { centre, width, low, high }));
    },
    addLogDensity(value, sums) {
      const [from, to] = ownStretch(distribution, value);
      for (let kernel = 0; kernel < centres.length; kernel++) {
        const [centre = 0, width = 1, norm = 0] = [centres[kernel], widths[kernel], norms[kernel]];
        const density =
          from === to
            ? logNormalDensity((from - centre) / width)
            : logNormalMass((from - centre) / width, (to - centre) / width);
        sums[kernel] = (sums[kernel] ?? 0) + density - norm;
      }
    },
  };
}

/** The part of the search line that belongs to a value: a point, or half a step at either side. */
function ownStretch(distribution: NumericDistribution, value: number): readonly [number, number] {
  const half = (distribution.step ?? 0) / 2;
  if (half === 0) {
    const place = toSearchLine(distribution, value);
    return [place, place];
  }
  return [toSearchLine(distribution, value - half), toSearchLine(distribution, value + half)];
}

/** The larger distance to a neighbour, for each place; not above the whole width, and with `magicClip` not too small. */
function kernelWidths(
  places: readonly number[],
  low: number,
  high: number,
  { magicClip, endpoints }: ParzenSettings,
): number[] {
  const order = places.map((_, index) => index).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const least = magicClip ? (high - low) / Math.min(100, 2 + places.length) : 1e-12;
  const widths = places.map(() => high - low);
  const placeAt = (rank: number, edge: number) => places[order[rank] ?? -1] ?? edge;
  for (const [rank, index] of order.entries()) {
    const own = places[index] ?? 0;
    const isEdge = !endpoints && order.length > 1;
    const left = rank === 0 && isEdge ? 0 : own - placeAt(rank - 1, low);
    const right = rank === order.length - 1 && isEdge ? 0 : placeAt(rank + 1, high) - own;
    widths[index] = Math.min(high - low, Math.max(least, left, right));
  }
  return widths;
}

interface Cut {
  readonly centre: number;
  readonly width: number;
  readonly low: number;
  readonly high: number;
}

/** A normal number within the bounds, by drawing again: the centre is within, so at least a third of the draws are. */
function drawWithin(random: Random, { centre, width, low, high }: Cut): number {
  for (;;) {
    const place = centre + random.normal(width);
    if (place >= low && place <= high) return place;
  }
}
