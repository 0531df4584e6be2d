import type { Initial, ModuleSpec } from "../module-spec.ts";
import { type BoltConfig, tokens } from "./schema.ts";

/** Every module of a Chronos-Bolt in torch's order of registration, as `named_modules()` gives them. */
export function listModules(config: BoltConfig): readonly ModuleSpec[] {
  const tree = new ModuleTree(config);
  const { input_patch_size, prediction_length, quantiles, use_reg_token } = config.chronos_config;
  const width = config.d_model;
  tree.weight("shared", [tokens(use_reg_token), width], config.initializer_factor);
  tree.residualBlock("input_patch_embedding", 2 * input_patch_size, width);
  tree.places("patch", "instance_norm");
  tree.stack("encoder", config.num_layers, [attention("SelfAttention"), feedForward]);
  tree.stack("decoder", decoderLayers(config), [
    attention("SelfAttention"),
    attention("EncDecAttention"),
    feedForward,
  ]);
  tree.residualBlock("output_patch_embedding", width, quantiles.length * prediction_length);
  return tree.modules;
}

/** Blocks of the decoder: as many as the encoder's where the configuration does not say. */
export function decoderLayers({ num_decoder_layers, num_layers }: BoltConfig): number {
  return num_decoder_layers ?? num_layers;
}

type SubLayer = (tree: ModuleTree, path: string, block: number) => void;

const attention =
  (name: "SelfAttention" | "EncDecAttention"): SubLayer =>
  (tree, path, block) =>
    tree.attention(`${path}.${name}`, name === "SelfAttention" && block === 0);

const feedForward: SubLayer = (tree, path) => tree.feedForward(`${path}.DenseReluDense`);

class ModuleTree {
  readonly modules: ModuleSpec[] = [];
  readonly #config: BoltConfig;

  constructor(config: BoltConfig) {
    this.#config = config;
  }

  /** Blocks of sub-layers, each followed by its norm; then the stack's own norm. */
  stack(path: string, blocks: number, layers: readonly SubLayer[]): void {
    this.places(path, `${path}.block`);
    for (let block = 0; block < blocks; block++) {
      const here = `${path}.block.${block}`;
      this.places(here, `${here}.layer`);
      layers.forEach((layer, index) => {
        this.places(`${here}.layer.${index}`);
        layer(this, `${here}.layer.${index}`, block);
        this.#norm(`${here}.layer.${index}.layer_norm`);
        this.places(`${here}.layer.${index}.dropout`);
      });
    }
    this.#norm(`${path}.final_layer_norm`);
    this.places(`${path}.dropout`);
  }

  attention(path: string, hasBias: boolean): void {
    const { d_model: width, d_kv, num_heads: heads, initializer_factor: factor } = this.#config;
    const inner = heads * d_kv;
    this.places(path);
    this.#linear(`${path}.q`, width, inner, factor / Math.sqrt(width * d_kv));
    this.#linear(`${path}.k`, width, inner, factor / Math.sqrt(width));
    this.#linear(`${path}.v`, width, inner, factor / Math.sqrt(width));
    this.#linear(`${path}.o`, inner, width, factor / Math.sqrt(inner));
    if (!hasBias) return;
    const table = [this.#config.relative_attention_num_buckets, heads];
    this.weight(`${path}.relative_attention_bias`, table, factor / Math.sqrt(width));
  }

  feedForward(path: string): void {
    const { d_model: width, d_ff: inner, initializer_factor: factor } = this.#config;
    this.places(path);
    this.#linear(`${path}.wi`, width, inner, factor / Math.sqrt(width));
    this.#linear(`${path}.wo`, inner, width, factor / Math.sqrt(inner));
    this.places(`${path}.dropout`, `${path}.act`);
  }

  residualBlock(path: string, from: number, to: number): void {
    const { d_ff: inner, initializer_factor: factor } = this.#config;
    this.places(path, `${path}.dropout`);
    this.#linear(`${path}.hidden_layer`, from, inner, factor / Math.sqrt(from), true);
    this.places(`${path}.act`);
    this.#linear(`${path}.output_layer`, inner, to, factor / Math.sqrt(inner), true);
    this.#linear(`${path}.residual_layer`, from, to, factor / Math.sqrt(from), true);
  }

  weight(path: string, shape: readonly number[], deviation: number): void {
    this.#module(path, [["weight", shape, { kind: "normal", deviation }]]);
  }

  places(...paths: readonly string[]): void {
    for (const path of paths) this.#module(path, []);
  }

  #linear(path: string, inFeatures: number, outFeatures: number, deviation: number, hasBias = false): void {
    const weight: Parameter = ["weight", [outFeatures, inFeatures], { kind: "normal", deviation }];
    const bias: Parameter = ["bias", [outFeatures], { kind: "constant", value: 0 }];
    this.#module(path, hasBias ? [weight, bias] : [weight], { inFeatures, outFeatures });
  }

  #norm(path: string): void {
    const { d_model, initializer_factor: value } = this.#config;
    this.#module(path, [["weight", [d_model], { kind: "constant", value }]]);
  }

  #module(path: string, parameters: readonly Parameter[], linear: ModuleSpec["linear"] = null): void {
    this.modules.push({
      path,
      linear,
      parameters: parameters.map(([name, shape, initial]) => ({
        name: `${path}.${name}`,
        dtype: "float32",
        shape,
        initial,
      })),
    });
  }
}

type Parameter = readonly [name: string, shape: readonly number[], initial: Initial];
