import { Random } from "../../src/core/index.ts";
import type { Dataset } from "../../src/data/index.ts";
import { createTtm, type ForecastModel } from "../../src/models/index.ts";
import { elementCount, float32Tensor, type Graph, GraphBuilder, type Tensor } from "../../src/onnx/index.ts";
import { sgd } from "../../src/optim/index.ts";
import { type EngineOptions, layoutParameters, packParameters } from "../../src/train/index.ts";

export interface SeriesOptions {
  readonly context: number;
  readonly horizon: number;
  /** Default: all. */
  readonly targets?: readonly number[];
  /** 0 where a value is missing; the value there must be 0. */
  readonly observed?: readonly (readonly number[])[];
}

/** A dataset from rows of values, as they are; windows are chosen by the tests themselves. */
export function datasetOf(rows: readonly (readonly number[])[], options: SeriesOptions): Dataset {
  const channels = rows[0]?.length ?? 0;
  const all = [...Array(channels).keys()];
  const part = { from: 0, to: rows.length, starts: new Int32Array() };
  return {
    series: Float32Array.from(rows.flat()),
    observed: options.observed ? Uint8Array.from(options.observed.flat()) : null,
    rows: rows.length,
    columns: all.map((channel) => `c${channel}`),
    targetChannels: options.targets ?? all,
    exogenousChannels: [],
    conditionalChannels: [],
    timestamps: null,
    frequency: null,
    scaler: { columns: [], mean: [], std: [] },
    source: { name: "made by hand", path: "", sha256: "", rows: rows.length },
    context: options.context,
    horizon: options.horizon,
    splits: { train: part, validation: part, test: part },
    seasonLength: 1,
    notes: [],
  };
}

/** Sines with noise, one frequency a channel. */
export function waves(rows: number, channels: number, seed = 3): number[][] {
  const random = Random.fromSeed(seed);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: channels }, (__, c) => Math.sin((row * (c + 2)) / 7) + random.normal(0.1)),
  );
}

export const randomTensor = (shape: readonly number[], random: Random): Tensor =>
  float32Tensor(
    shape,
    Array.from({ length: elementCount(shape) }, () => random.normal()),
  );

/**
 * A model to check by hand:
 *
 *     predictions = weight · (the last `horizon` rows of the past) + bias        weight [1], bias [horizon, 1]
 */
export function lineForward(windows: number, context: number, horizon: number, channels: number): Graph {
  const b = new GraphBuilder("line");
  const past = b.input("past_values", "float32", [windows, context, channels]);
  const weight = b.initializer("weight", float32Tensor([1], [0.5]));
  const bias = b.initializer("bias", float32Tensor([horizon, 1], new Float32Array(horizon)));
  const last = b.op("Slice", [past, b.integers([context - horizon]), b.integers([context]), b.integers([1])]);
  b.output(b.op("Add", [b.op("Mul", [last, weight]), bias]), "predictions");
  return b.build();
}

/** Engine options for {@link lineForward}: plain SGD on what is trained. */
export function lineOptions(
  dataset: Dataset,
  trained: readonly string[],
  more: Partial<EngineOptions> = {},
): EngineOptions {
  const { context, horizon, columns } = dataset;
  const buildForward = (windows: number) => lineForward(windows, context, horizon, columns.length);
  const { initializers } = buildForward(1);
  const layout = layoutParameters(initializers, trained);
  return {
    dataset,
    buildForward,
    layout,
    parameters: packParameters(layout, initializers),
    loss: "mse",
    optimizer: sgd({ momentum: 0, weightDecay: 0 }),
    clipNorm: null,
    workers: 1,
    microBatch: null,
    batchSize: 4,
    seed: 1,
    ...more,
  };
}

/** A small TinyTimeMixer on two channels with random weights: 16 rows of context, 4 ahead. */
export function smallTtm(overrides: Readonly<Record<string, unknown>> = {}): ForecastModel {
  return createTtm({
    config: {
      context_length: 16,
      patch_length: 4,
      patch_stride: 4,
      num_input_channels: 2,
      prediction_length: 4,
      d_model: 8,
      num_layers: 1,
      decoder_d_model: 8,
      decoder_num_layers: 1,
      dropout: 0,
      head_dropout: 0,
      ...overrides,
    },
    weights: "random",
    random: Random.fromSeed(5),
  });
}

/** The layout of a model's every weight that a graph uses, and their values. */
export function everyWeight(model: ForecastModel) {
  const used = model.build({ batch: 1, channels: 2, training: false }).initializers;
  const layout = layoutParameters(
    model.weights,
    model.trainableWeights.filter((name) => used.has(name)),
  );
  return { layout, parameters: packParameters(layout, model.weights) };
}
