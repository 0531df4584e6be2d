import type { Tensor } from "../onnx/index.ts";
import type { LinearModule } from "./modules.ts";

/** A matrix in double precision, row-major [out, in]. */
export interface AdaptedRows {
  readonly values: Float64Array;
  /** Euclidean length of every row, [out]. */
  readonly norms: Float64Array;
}

/** W + s·B·A in double precision, [out, in] whatever way the weight is stored. */
export function adaptedRows(
  { inFeatures: columns, outFeatures: rows, transposed }: LinearModule,
  weight: Tensor,
  { a, b }: { readonly a: Tensor; readonly b: Tensor },
  scale: number,
): AdaptedRows {
  const rank = a.shape[0] ?? 0;
  const values = new Float64Array(rows * columns);
  const norms = new Float64Array(rows);
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    row.fill(0);
    for (let k = 0; k < rank; k++) addScaledRow(row, a.data, k, Number(b.data[i * rank + k]));
    let square = 0;
    for (let j = 0; j < columns; j++) {
      const base = Number(weight.data[transposed ? j * rows + i : i * columns + j]);
      const value = base + scale * (row[j] as number);
      values[i * columns + j] = value;
      square += value * value;
    }
    norms[i] = Math.sqrt(square);
  }
  return { values, norms };
}

function addScaledRow(row: Float64Array, matrix: Tensor["data"], k: number, factor: number): void {
  if (factor === 0) return;
  for (let j = 0; j < row.length; j++)
    row[j] = (row[j] as number) + factor * Number(matrix[k * row.length + j]);
}
