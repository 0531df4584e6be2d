import { float32Tensor, type Tensor } from "../../src/onnx/index.ts";

/** The size of an axis of a tensor; 0 where it has none. */
function size(tensor: Tensor, axis: number): number {
  return tensor.shape[axis] ?? 0;
}

/** The first steps and the chosen channels of [B, steps, channels], as float32. */
export function selectSteps(values: Tensor, steps: number, channels: readonly number[] | null): Tensor {
  const [batch, rows, columns] = [size(values, 0), size(values, 1), size(values, 2)];
  const picked = channels && channels.length !== columns ? channels : [...Array(columns).keys()];
  const kept = Math.min(steps, rows);
  const data = new Float32Array(batch * kept * picked.length);
  data.forEach((_, index) => {
    const channel = picked[index % picked.length] ?? 0;
    const row = Math.floor(index / picked.length);
    const source = (Math.floor(row / kept) * rows + (row % kept)) * columns + channel;
    data[index] = Number(values.data[source]);
  });
  return float32Tensor([batch, kept, picked.length], data);
}

const pointLoss: Readonly<Record<string, (error: number) => number>> = {
  mse: (error) => error * error,
  mae: Math.abs,
  huber: (error) => (Math.abs(error) <= 1 ? 0.5 * error * error : Math.abs(error) - 0.5),
};

/** The plain mean of a point loss over the observed elements, in float64. */
export function meanLoss(
  loss: string,
  predictions: Tensor,
  targets: Tensor,
  observed: Tensor | null,
): number {
  const point = pointLoss[loss];
  if (!point) throw new Error(`the loss '${loss}' is not known here`);
  let [sum, count] = [0, 0];
  targets.data.forEach((target: number | bigint, index: number) => {
    if (observed && Number(observed.data[index]) === 0) return;
    sum += point(Number(predictions.data[index]) - Number(target));
    count++;
  });
  return sum / count;
}
