import type { Random } from "../core/index.ts";
import type { Graph, Tensor } from "../onnx/index.ts";
import { type AdaptedGraph, addLoraAdapters } from "./add-lora-adapters.ts";
import { checkTensors } from "./check-tensors.ts";
import { initializeAdapter, neutralTensors } from "./initialize-adapter.ts";
import { loadAdapter } from "./load-adapter.ts";
import type { LoraConfig } from "./lora-config.ts";
import { type LoraAdapter, type MergedWeights, mergeAdapters } from "./merge-adapters.ts";
import type { LinearModule, LoraModules } from "./modules.ts";
import { type AdapterPlan, planAdapters } from "./plan-adapters.ts";
import type { LoraReport, ParameterCounts } from "./report.ts";
import { type SaveOptions, saveAdapter } from "./save-adapter.ts";

/** A model as adapters see it. */
export interface AdaptableModel {
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly modules: readonly string[];
  readonly linearModules: readonly LinearModule[];
  readonly targetPresets?: Readonly<Record<string, readonly string[]>>;
}

/**
 * One adapter of one model: its layers, its trained tensors, its files.
 *
 *     const lora = LoRAManager.create(model, config, Random.fromSeed(42));
 *     const { graph, trainable } = lora.attach(model.build({ batch: 64, channels: 7, training: true }));
 *     await lora.withTensors(trained).save("adapter");
 *     const { weights } = (await LoRAManager.load("adapter", model)).merge();
 */
export class LoRAManager {
  readonly #model: AdaptableModel;
  readonly #plan: AdapterPlan;
  /** The trained tensors under PEFT's names. */
  readonly tensors: ReadonlyMap<string, Tensor>;

  private constructor(model: AdaptableModel, plan: AdapterPlan, tensors: ReadonlyMap<string, Tensor>) {
    this.#model = model;
    this.#plan = plan;
    this.tensors = tensors;
  }

  /** A new adapter with the values that `init_lora_weights` asks for. */
  static create(model: AdaptableModel, config: LoraConfig, random: Random): LoRAManager {
    const plan = planFor(model, config);
    return new LoRAManager(model, plan, initializeAdapter(plan, model.weights, random));
  }

  /** An adapter with given values. */
  static from(model: AdaptableModel, adapter: LoraAdapter): LoRAManager {
    const plan = planFor(model, adapter.config);
    return new LoRAManager(model, plan, checkTensors(plan, adapter.tensors));
  }

  /** An adapter from a folder that this library or PEFT wrote. */
  static async load(directory: string, model: AdaptableModel): Promise<LoRAManager> {
    return LoRAManager.from(model, await loadAdapter(directory, loraModulesOf(model)));
  }

  /** The settings with presets written out. */
  get config(): LoraConfig {
    return this.#plan.config;
  }

  get report(): LoraReport {
    return this.#plan.report;
  }

  get counts(): ParameterCounts {
    return this.#plan.report.counts;
  }

  /** Values with which the model computes what its base does: B zero, magnitudes, biases and saved modules the base's. */
  get neutral(): ReadonlyMap<string, Tensor> {
    return neutralTensors(this.#plan, this.#model.weights, this.tensors);
  }

  /** This adapter with other values, such as those after training; absent ones stay. */
  withTensors(tensors: ReadonlyMap<string, Tensor>): LoRAManager {
    const all = checkTensors(this.#plan, new Map([...this.tensors, ...tensors]));
    return new LoRAManager(this.#model, this.#plan, all);
  }

  /** Adds the adapter to a graph of the model; `training: false` leaves its dropout out. */
  attach(graph: Graph, options: { readonly training?: boolean } = {}): AdaptedGraph {
    return addLoraAdapters(graph, loraModulesOf(this.#model), this.config, {
      tensors: this.tensors,
      ...options,
    });
  }

  /** Writes the adapter's folder. */
  async save(directory: string, options: SaveOptions = {}): Promise<void> {
    await saveAdapter(directory, this, loraModulesOf(this.#model), options);
  }

  /** The model's weights with the adapter worked in. */
  merge(): MergedWeights {
    return mergeAdapters(this.#model.weights, this, loraModulesOf(this.#model));
  }
}

/** What the functions of this room take, from a model. */
export function loraModulesOf(model: AdaptableModel): LoraModules {
  const { linearModules: linear, modules: all, targetPresets: presets, weights } = model;
  return { linear, all, presets, weights };
}

function planFor(model: AdaptableModel, config: LoraConfig): AdapterPlan {
  return planAdapters(config, loraModulesOf(model), model.weights);
}
