const SHORTEST_MILLISECONDS = 20;
const FIRST_MILLISECONDS = 500;
const LONGEST_MILLISECONDS = 60_000;

/**
 * Milliseconds before the next try after `failures` (≥ 1) in a row: exponential with full jitter, up to 0.5 s, then 1 s, … 60 s; never
 * less than the server asked for, and never none.
 */
export function retryDelay(
  failures: number,
  retryAfterMilliseconds: number | undefined,
  random: () => number,
): number {
  const most = Math.min(LONGEST_MILLISECONDS, FIRST_MILLISECONDS * 2 ** Math.min(failures - 1, 10));
  return Math.max(SHORTEST_MILLISECONDS, random() * most, retryAfterMilliseconds ?? 0);
}
