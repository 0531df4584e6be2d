import { median, round } from "./statistics.ts";

/** What one run of one side measured: the axes of the variant (texts) and figures under the baseline's names. */
export type Measurement = Readonly<Record<string, unknown>>;

/** Medians of every figure over repeated runs; everything else as the first run said it. */
export function summarise(runs: readonly Measurement[]): Record<string, unknown> {
  const [first = {}] = runs;
  return Object.fromEntries(
    Object.entries(first).map(([key, value]) => {
      if (typeof value !== "number") return [key, value];
      const values = runs.map((run) => run[key]).filter((other) => typeof other === "number");
      return [key, round(median(values), 6)];
    }),
  );
}

/**
 * Our line with the peer beside it.
 *
 * @param ratios  name of a ratio → the figure it compares: the peer's median by ours, so higher is better for us
 */
export function besidePeer(
  ours: Measurement,
  peer: Measurement,
  ratios: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const compared = Object.entries(ratios).map(([name, figure]) => [
    name,
    quotient(peer[figure], ours[figure]),
  ]);
  return { ...ours, ...Object.fromEntries(compared), peer };
}

function quotient(theirs: unknown, ours: unknown): number | null {
  return typeof theirs === "number" && typeof ours === "number" ? round(theirs / ours, 3) : null;
}
