import { Random } from "../core/index.ts";
import type { Graph, Tensor } from "../onnx/index.ts";
import { type AdaptedGraph, addLoraAdapters } from "./add-lora-adapters.ts";
import { checkTensors } from "./check-tensors.ts";
import { type AdapterStart, initializeAdapter, neutralTensors, SKETCH_SEED } from "./initialize-adapter.ts";
import { loadAdapter } from "./load-adapter.ts";
import type { LoraConfig } from "./lora-config.ts";
import { type LoraAdapter, type MergedWeights, mergeAdapters } from "./merge-adapters.ts";
import type { LinearModule, LoraModules } from "./modules.ts";
import { fromPlainAdapter, toPlainAdapter } from "./plain-adapter.ts";
import { type AdapterPlan, planAdapters } from "./plan-adapters.ts";
import type { LoraReport, ParameterCounts } from "./report.ts";
import { type SaveOptions, saveAdapter } from "./save-adapter.ts";
import { takesFromBase } from "./weight-parts.ts";

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
  readonly #start: AdapterStart | undefined;
  /** The trained tensors under PEFT's names. */
  readonly tensors: ReadonlyMap<string, Tensor>;

  /** @param start  where a start took a part out of the base: what it took, and what is left */
  private constructor(
    model: AdaptableModel,
    plan: AdapterPlan,
    tensors: ReadonlyMap<string, Tensor>,
    start: AdapterStart | undefined,
  ) {
    this.#model = model;
    this.#plan = plan;
    this.#start = start;
    this.tensors = tensors;
  }

  /** A new adapter with the values that `init_lora_weights` asks for. */
  static create(model: AdaptableModel, config: LoraConfig, random: Random): LoRAManager {
    const plan = planFor(model, config);
    const start = initializeAdapter(plan, model.weights, random);
    return new LoRAManager(model, plan, start.tensors, start.remainders.size > 0 ? start : undefined);
  }

  /** An adapter with given values. */
  static from(model: AdaptableModel, adapter: LoraAdapter): LoRAManager {
    const plan = planFor(model, adapter.config);
    const start = takesFromBase(plan.config.init_lora_weights)
      ? initializeAdapter(plan, model.weights, Random.fromSeed(SKETCH_SEED))
      : undefined;
    return new LoRAManager(model, plan, checkTensors(plan, adapter.tensors), start);
  }

  /** An adapter from a folder that this library or PEFT wrote. */
  static async load(directory: string, model: AdaptableModel): Promise<LoRAManager> {
    return LoRAManager.from(model, await loadAdapter(directory, loraModulesOf(model)));
  }

  /** The settings with presets written out. */
  get config(): LoraConfig {
    return this.#plan.config;
  }

  /** Its layers and tensors. */
  get plan(): AdapterPlan {
    return this.#plan;
  }

  /** The weights that it adapts: the model's, without what a start took out of them. */
  get base(): ReadonlyMap<string, Tensor> {
    return new Map([...this.#model.weights, ...(this.#start?.remainders ?? [])]);
  }

  /** This adapter for the model as it was: itself, unless its start changed the weights. */
  plain(): LoRAManager {
    return this.#start ? LoRAManager.from(this.#model, toPlainAdapter(this, this.#start.tensors)) : this;
  }

  get report(): LoraReport {
    return this.#plan.report;
  }

  get counts(): ParameterCounts {
    return this.#plan.report.counts;
  }

  /**
   * Values with which the model computes what its base does: B zero, magnitudes, biases and saved modules the base's; where the start
   * took a part out of the base, that part.
   */
  get neutral(): ReadonlyMap<string, Tensor> {
    if (this.#start) return this.#start.tensors;
    return neutralTensors(this.#plan, this.#model.weights, this.tensors);
  }

  /** This adapter with other values, such as those after training; absent ones stay. */
  withTensors(tensors: ReadonlyMap<string, Tensor>): LoRAManager {
    const all = checkTensors(this.#plan, new Map([...this.tensors, ...tensors]));
    return new LoRAManager(this.#model, this.#plan, all, this.#start);
  }

  /** Adds the adapter to a graph of the model; `training: false` leaves its dropout out. */
  attach(graph: Graph, options: { readonly training?: boolean } = {}): AdaptedGraph {
    return addLoraAdapters(graph, loraModulesOf(this.#model), this.config, {
      tensors: this.tensors,
      remainders: this.#start?.remainders ?? new Map(),
      ...options,
    });
  }

  /** Writes the adapter's folder, for the base model as it was: where the start changed it, with twice the rank ({@link toPlainAdapter}). */
  async save(directory: string, options: SaveOptions = {}): Promise<void> {
    await saveAdapter(directory, this.plain(), loraModulesOf(this.#model), options);
  }

  /** This adapter with the values of a folder that {@link save} wrote. */
  async restore(directory: string): Promise<LoRAManager> {
    const { tensors } = await loadAdapter(directory, loraModulesOf(this.#model));
    if (!this.#start) return this.withTensors(tensors);
    return this.withTensors(fromPlainAdapter(tensors, this.#start.tensors, directory));
  }

  /** The model's weights with the adapter worked in. */
  merge(): MergedWeights {
    return mergeAdapters(this.base, this, loraModulesOf(this.#model));
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
