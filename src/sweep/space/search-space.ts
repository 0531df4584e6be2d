import { searchSlots, sweepAxes } from "../sweep-axes.ts";
import { sweepPoint } from "../sweep-point.ts";
import type { SweepPoint, SweepRequest } from "../sweeper.ts";
import type { Dimension } from "./dimension.ts";
import { dimensionOf } from "./dimension.ts";
import { valueCount } from "./distribution.ts";
import { searchParams } from "./typed-params.ts";

/** The keys of a search: those with several values, and what the others are in every point. */
export interface SearchSpace {
  readonly dimensions: readonly Dimension[];
  /** The point with one value for each dimension. */
  point(values: readonly number[]): SweepPoint;
}

/**
 * The space that the words of the command line and `hydra.sweeper.params` span together; a word replaces the params' entry of its
 * key. Blocks `grid`, `zip` and `points` take part with their values as categories.
 *
 * @throws {SweepError} SWEEP_SPACE, SWEEP_PARAMS, SWEEP_BLOCK, SWEEP_EMPTY, SWEEP_ZIP_LENGTH
 */
export function readSearchSpace(request: SweepRequest): SearchSpace {
  const axes = sweepAxes(searchSlots(request, searchParams(request.settings)));
  const all = axes.map(dimensionOf);
  const dimensions = all.filter(({ distribution }) => valueCount(distribution) > 1);
  const fixed = all.filter((dimension) => !dimensions.includes(dimension));
  const always = fixed.flatMap((dimension) => dimension.picked(onlyValue(dimension)));
  return {
    dimensions,
    point: (values) =>
      sweepPoint([
        ...always,
        ...dimensions.flatMap((dimension, index) => dimension.picked(values[index] ?? 0)),
      ]),
  };
}

function onlyValue({ distribution }: Dimension): number {
  return distribution.kind === "categorical" ? 0 : distribution.low;
}
