const BARS = "▁▂▃▄▅▆▇█";

/** A line of small bars for a series, thinned to `width` means; what is not finite is a blank. */
export function sparkline(values: readonly number[], width = 24): string {
  const shown = thinned(values, width);
  const finite = shown.filter(Number.isFinite);
  const [least, greatest] = [Math.min(...finite), Math.max(...finite)];
  return shown
    .map((value) => {
      if (!Number.isFinite(value)) return " ";
      const share = greatest > least ? (value - least) / (greatest - least) : 0.5;
      return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))];
    })
    .join("");
}

function thinned(values: readonly number[], width: number): readonly number[] {
  if (values.length <= width) return values;
  return Array.from({ length: width }, (_, at) => {
    const from = Math.floor((at * values.length) / width);
    const to = Math.floor(((at + 1) * values.length) / width);
    const finite = values.slice(from, to).filter(Number.isFinite);
    return finite.length === 0 ? Number.NaN : finite.reduce((sum, value) => sum + value, 0) / finite.length;
  });
}
