import type { Random } from "../../core/index.ts";

/** The items in random order; the same seed gives the same order. */
export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return Array.from(random.permutation(items.length)).flatMap((place) => items.slice(place, place + 1));
}
