import { join } from "node:path";
import type { Random } from "../core/index.ts";
import {
  LoRAManager,
  type LoraConfig,
  type LoraReport,
  type LoraSettings,
  selectWeights,
} from "../lora/index.ts";
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
  /** How it is trained, in a few words, and what of it: `LoRA, rank 8` and `14 layers: fc1 ×4, …`. */
  readonly method: string;
  readonly chosen: string;
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
  /** Its commit, where it is a repository on the hub. */
  readonly baseRevision?: string | null;
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
    method: methodOf(config),
    chosen: chosenLayers(lora.report),
    warnings: lora.report.warnings,
    buildForward: (windows, training) => build(windows, training).graph,
    save: (folder, parameters) =>
      lora.withTensors(unpackParameters(layout, parameters)).save(folder, {
        baseModel: options.baseName,
        revision: options.baseRevision ?? null,
      }),
    load: async (folder) => packParameters(layout, (await lora.restore(folder)).tensors),
  };
}

/**
 * A model whose own weights are trained: all of them, or those that `selection` names (see `selectWeights`).
 */
export function fullyTrainedModel(
  model: ForecastModel,
  options: TrainableOptions & { readonly selection?: LoraSettings["trained_weights"] },
  save: SaveModel,
): TrainableModel {
  const { selection = null } = options;
  const build = (windows: number, training: boolean) =>
    model.build({ batch: windows, training, ...shapeOf(options) });
  const used = build(1, false).initializers;
  const source = {
    names: model.trainableWeights.filter((name) => used.has(name)),
    modules: model.modules,
    presets: model.targetPresets,
  };
  const { names, warnings } =
    selection === null ? { names: source.names, warnings: [] } : selectWeights(selection, source);
  const layout = layoutParameters(model.weights, names);
  const initial = packParameters(layout, model.weights);
  const total = [...model.weights.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return {
    layout,
    initial,
    untrained: initial,
    stopGradients: new Set(),
    counts: { trainable: layout.size, total, percent: (100 * layout.size) / total },
    method: selection === null ? "every weight" : `chosen weights (${[selection].flat().join(", ")})`,
    chosen: counted(names.length, "tensor", names),
    warnings,
    buildForward: build,
    save: (folder, parameters) =>
      save(folder, new Map([...model.weights, ...unpackParameters(layout, parameters)])),
    load: async (folder) =>
      packParameters(layout, readSafetensors(join(folder, "model.safetensors")).tensors),
  };
}

/** LoRA under the name that its settings have in the literature. */
function methodOf({ r, use_dora, use_rslora, init_lora_weights: init }: LoraConfig): string {
  const name = use_dora ? "DoRA" : use_rslora ? "rsLoRA" : "LoRA";
  return `${name}, rank ${r}${typeof init === "string" ? `, ${init} start` : ""}`;
}

function chosenLayers({ targets, savedModules, trainedBiases }: LoraReport): string {
  return [
    counted(
      targets.length,
      "layer",
      targets.map(({ path }) => path),
    ),
    ...(savedModules.length > 0 ? [`whole: ${savedModules.join(", ")}`] : []),
    ...(trainedBiases > 0 ? [`${trainedBiases} biases`] : []),
  ].join("; ");
}

/** Kinds of names that are listed. */
const SHOWN = 8;

/** `14 layers: fc1 ×4, fc2 ×4, …`: names by their last parts. */
function counted(count: number, noun: string, names: readonly string[]): string {
  const kinds = new Map<string, number>();
  for (const name of names) {
    const parts = name.split(".");
    const end = noun === "tensor" ? parts.slice(-2).join(".") : (parts.at(-1) ?? name);
    kinds.set(end, (kinds.get(end) ?? 0) + 1);
  }
  const shown = [...kinds].slice(0, SHOWN).map(([kind, times]) => (times === 1 ? kind : `${kind} ×${times}`));
  const more = kinds.size > SHOWN ? ", …" : "";
  return `${count} ${noun}${count === 1 ? "" : "s"}: ${shown.join(", ")}${more}`;
}

type SaveModel = (folder: string, weights: ReadonlyMap<string, Tensor>) => Promise<void>;

function shapeOf({ channels, withMask }: TrainableOptions) {
  return { channels, withMask };
}
