const UINT = "(?:0|[1-9](?:_?[0-9])*)";
const DIGITS = "[0-9](?:_?[0-9])*";
const INT = new RegExp(`^[+-]?${UINT}$`);
const POINT = `(?:${UINT}\\.|${UINT}?\\.${DIGITS})`;
const FLOAT = new RegExp(
  `^[+-]?(?:${POINT}|(?:${POINT}|${UINT})[eE][+-]?${DIGITS}|[iI][nN][fF]|[nN][aA][nN])$`,
);

/** An unquoted word of a resolver's arguments: typed as in the override grammar where all of it matches. */
export function typedPrimitive(text: string): null | boolean | bigint | number | string {
  if (INT.test(text)) return BigInt(text.replaceAll("_", "").replace(/^\+/, ""));
  if (FLOAT.test(text)) return floatValue(text.replaceAll("_", "").toLowerCase());
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  return /^null$/i.test(text) ? null : text;
}

function floatValue(text: string): number {
  if (text.endsWith("nan")) return Number.NaN;
  if (text.endsWith("inf")) return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
