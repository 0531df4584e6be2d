const missingWords = new Set(["", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none"]);
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A cell's value: NaN where it is missing (empty, NA, NaN, null, none …), undefined where it is no decimal number. */
export function parseNumber(cell: string): number | undefined {
  const text = cell.trim();
  if (decimal.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  return missingWords.has(text.toLowerCase()) ? Number.NaN : undefined;
}
