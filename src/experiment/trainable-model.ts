import { join } from "node:path";
import type { Random } from "../core/index.ts";
import { LoRAManager, type LoraConfig } from "../lora/index.ts";
import type { ForecastModel } from "../models/index.ts";
import { elementCount, type Graph, readSafetensors, type Tensor } from "../onnx/index.ts";
import { layoutParameters, type ParameterLayout, packParameters, unpackParameters } from "../train/index.ts";

/** How a model's graph is built for training, and what of it is trained. */
export interface TrainableModel {
  readonly layout: ParameterLayout;
  /** Initial values of the flat vector. */
  readonly initial: Float32Array;
  /** The flat vector with which the model forecasts as it did before any training. */
  readonly untrained: Float32Array;
  readonly stopGradients: ReadonlySet<string>;
  readonly counts: { readonly trainable: number; readonly total: number; readonly percent: number };
  /** Lines for the user, such as targets that matched nothing. */
  readonly warnings: readonly string[];
  buildForward(windows: number, training: boolean): Graph;
  /** Writes the adapter, or the whole model where every weight was trained. */
  save(folder: string, parameters: Float32Array): Promise<void>;
  /** The flat vector of what `save` wrote. */
  load(folder: string): Promise<Float32Array>;
}

export interface TrainableOptions {
  readonly channels: number;
  /** Whether windows come with a mask of missing values. */
  readonly withMask: boolean;
  /** What the adapter's config names as its base. */
  readonly baseName: string;
}

/** A model whose low-rank adapters are trained. */
export function adaptedModel(
  model: ForecastModel,
  config: LoraConfig,
  random: Random,
  options: TrainableOptions,
): TrainableModel {
  const lora = LoRAManager.create(model, config, random);
  const build = (windows: number, training: boolean) =>
    lora.attach(model.build({ batch: windows, training, ...shapeOf(options) }), { training });
  const { trainable, stopGradients } = build(1, false);
  const layout = layoutParameters(lora.tensors, trainable);
  const initial = packParameters(layout, lora.tensors);
  return {
    layout,
    initial,
    untrained: packParameters(layout, lora.neutral),
    stopGradients,
    counts: lora.counts,
    warnings: lora.report.warnings,
    buildForward: (windows, training) => build(windows, training).graph,
    save: (folder, parameters) =>
      lora.withTensors(unpackParameters(layout, parameters)).save(folder, { baseModel: options.baseName }),
    load: async (folder) => packParameters(layout, (await LoRAManager.load(folder, model)).tensors),
  };
}

/** A model whose every weight is trained. */
export function fullyTrainedModel(
  model: ForecastModel,
  options: TrainableOptions,
  save: SaveModel,
): TrainableModel {
  const build = (windows: number, training: boolean) =>
    model.build({ batch: windows, training, ...shapeOf(options) });
  const used = build(1, false).initializers;
  const names = model.trainableWeights.filter((name) => used.has(name));
  const layout = layoutParameters(model.weights, names);
  const initial = packParameters(layout, model.weights);
  const total = [...model.weights.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return {
    layout,
    initial,
    untrained: initial,
    stopGradients: new Set(),
    counts: { trainable: layout.size, total, percent: (100 * layout.size) / total },
    warnings: [],
    buildForward: build,
    save: (folder, parameters) =>
      save(folder, new Map([...model.weights, ...unpackParameters(layout, parameters)])),
    load: async (folder) =>
      packParameters(layout, readSafetensors(join(folder, "model.safetensors")).tensors),
  };
}

type SaveModel = (folder: string, weights: ReadonlyMap<string, Tensor>) => Promise<void>;

function shapeOf({ channels, withMask }: TrainableOptions) {
  return { channels, withMask };
}
