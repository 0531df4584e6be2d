import type { Override } from "../config/index.ts";
import type { SweepPoint } from "./sweeper.ts";

/** One key's value in a point. */
export interface PickedOverride {
  /** Among all keys of the sweep. */
  readonly place: number;
  readonly name: string;
  readonly isSwept: boolean;
  readonly override: Override;
}

/** A point from its values: the words in the order of the keys, the swept ones as params too. */
export function sweepPoint(picked: readonly PickedOverride[]): SweepPoint {
  const chosen = picked.toSorted((a, b) => a.place - b.place);
  const swept = chosen.filter(({ isSwept }) => isSwept);
  return {
    overrides: chosen.map(({ override }) => override),
    params: Object.fromEntries(
      swept.map(({ name, override }) => [name, override.text.slice(name.length + 1)]),
    ),
  };
}
