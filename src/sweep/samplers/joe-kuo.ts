import { joeKuoTable } from "./joe-kuo-table.ts";

/** What makes the direction numbers of one dimension: a primitive polynomial and the first odd integers m₁ … m_s. */
export interface JoeKuoRow {
  readonly degree: number;
  /** a₁ … a_{s-1} of the polynomial x^s + a₁ x^{s-1} + … + 1, as the bits of a number, a₁ on top. */
  readonly coefficients: number;
  readonly initial: readonly number[];
}

/** The rows of the first `count` dimensions; the first is the van der Corput sequence. */
export function joeKuoRows(count: number): JoeKuoRow[] {
  const bytes = Buffer.from(joeKuoTable, "base64");
  let position = 0;
  const take = (width: number): number => {
    let value = 0;
    for (const end = position + width; position < end; position++) {
      value = value * 2 + (((bytes[position >>> 3] ?? 0) >>> (7 - (position & 7))) & 1);
    }
    return value;
  };
  const row = (): JoeKuoRow => {
    const degree = take(4);
    const coefficients = take(degree - 1);
    const initial = Array.from({ length: degree }, (_, index) => take(index) * 2 + 1);
    return { degree, coefficients, initial };
  };
  return Array.from({ length: count }, (_, index) =>
    index === 0 ? { degree: 0, coefficients: 0, initial: [1] } : row(),
  );
}
