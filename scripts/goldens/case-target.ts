import type { ForecastModel } from "../../src/models/index.ts";
import { float32Tensor, type Tensor } from "../../src/onnx/index.ts";
import { type Family, familyOf, type Inputs } from "./families.ts";

/** What a case's forecasts are held against, [B, steps, forecast channels]. */
export interface CaseTarget {
  /** 0 where nothing was observed, or where the target is shorter than the forecast. */
  readonly values: Tensor;
  /** float32, 1 where observed. */
  readonly mask: Tensor;
  /** What a sum of losses is divided by. */
  readonly divisor: number;
}

/** The target of a case, cut or filled up to the steps and channels that the model forecasts; null where it has none. */
export function caseTarget(family: string, model: ForecastModel, inputs: Inputs): CaseTarget | null {
  const future = inputs.get("future_values");
  return future ? fitTarget(familyOf(family), model, future, inputs.get("future_observed_mask")) : null;
}

function fitTarget(
  family: Family,
  model: ForecastModel,
  future: Tensor,
  given: Tensor | undefined,
): CaseTarget {
  const [batch = 0, rows = 0, columns = 0] = future.shape;
  const channels = model.predictionChannels ?? [...Array(columns).keys()];
  const shape = [batch, model.predictionLength, channels.length];
  const count = batch * model.predictionLength * channels.length;
  const [values, mask] = [new Float32Array(count), new Float32Array(count)];
  let observed = 0;
  for (let index = 0; index < count; index++) {
    const row = Math.floor(index / channels.length);
    const step = row % model.predictionLength;
    if (step >= rows) continue;
    const window = Math.floor(row / model.predictionLength);
    const source = (window * rows + step) * columns + (channels[index % channels.length] ?? 0);
    if (given && Number(given.data[source]) === 0) continue;
    values[index] = Number(future.data[source]);
    mask[index] = 1;
    observed++;
  }
  const divisor = family.divisor({ observed, series: batch * channels.length });
  return { values: float32Tensor(shape, values), mask: float32Tensor(shape, mask), divisor };
}

/** Feeds of a graph's loss. `share` is what the loss is multiplied by, such as 1 / accumulated batches. */
export function targetFeeds({ values, mask, divisor }: CaseTarget, share = 1): Record<string, Tensor> {
  return {
    future_values: values,
    future_mask: mask,
    inverse_count: float32Tensor([], [share / divisor]),
  };
}
