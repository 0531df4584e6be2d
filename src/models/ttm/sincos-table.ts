import { float32Tensor, type Tensor } from "../../onnx/index.ts";

/**
 * The fixed positional table, float32 [patches, width]: sine in even columns, cosine in odd ones, less the table's
 * mean, over ten times its standard deviation (n − 1).
 */
export function sincosTable(patches: number, width: number): Tensor {
  const raw = Float64Array.from({ length: patches * width }, (_, index) => {
    const [row, column] = [Math.floor(index / width), index % width];
    const angle = row * Math.exp((-2 * Math.floor(column / 2) * Math.log(10_000)) / width);
    return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length;
  const squares = raw.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const scale = 10 * Math.sqrt(squares / (raw.length - 1));
  return float32Tensor(
    [patches, width],
    raw.map((value) => (value - mean) / scale),
  );
}
