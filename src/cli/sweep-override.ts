/** A list of values, or a sweep in Hydra's words. */
export type SweptValues = string | readonly (string | number | boolean | null)[];

/** One key of a sweep as an override word. */
export function sweepOverride(key: string, values: SweptValues): string {
  if (typeof values === "string") return `${key}=${values}`;
  return `${key}=choice(${values.map(valueText).join(",")})`;
}

/** Text is quoted, so that it stays text: backslashes count only before a quote and at the end. */
function valueText(value: string | number | boolean | null): string {
  if (typeof value !== "string")
    return Number.isNaN(value) ? "nan" : String(value).replace("Infinity", "inf");
  const escaped = value.replace(/(\\*)'/g, "$1$1\\'").replace(/\\+$/, (run) => run + run);
  return `'${escaped}'`;
}
