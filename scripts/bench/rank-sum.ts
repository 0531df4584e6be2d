/**
 * The Wilcoxon-Mann-Whitney rank-sum test, one-sided: how likely values as high as `ours` are if both come from the same
 * distribution. A small number says that ours are higher, which is worse where less is better.
 *
 * The normal approximation with the correction for ties and for continuity, as `scipy.stats.mannwhitneyu(ours, theirs,
 * alternative="greater", method="asymptotic")`.
 */
export function rankSumWorse(ours: readonly number[], theirs: readonly number[]): number {
  const [n, m] = [ours.length, theirs.length];
  const all = [...ours, ...theirs].sort((a, b) => a - b);
  const ranks = new Map<number, number>();
  let ties = 0;
  for (let start = 0; start < all.length; ) {
    const value = all[start] ?? 0;
    let end = start;
    while (end < all.length && all[end] === value) end++;
    ranks.set(value, (start + 1 + end) / 2);
    ties += (end - start) ** 3 - (end - start);
    start = end;
  }
  const rankSum = ours.reduce((sum, value) => sum + (ranks.get(value) ?? 0), 0);
  const statistic = rankSum - (n * (n + 1)) / 2;
  const total = n + m;
  const deviation = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  if (deviation === 0) return 1;
  return upperTail((statistic - (n * m) / 2 - 0.5) / deviation);
}

/** The share of a standard normal distribution above z (Abramowitz and Stegun 26.2.17, error below 7.5e-8). */
function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
