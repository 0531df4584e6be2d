import type { Initial, ModuleSpec } from "../module-spec.ts";
import type { ChannelMixingSpec, MixerLayerSpec, MixerStackSpec, TtmArchitecture } from "./architecture.ts";

/** Every module of the model in torch's order of registration, as `named_modules()` gives them. */
export function listModules(architecture: TtmArchitecture): readonly ModuleSpec[] {
  const tree = new ModuleTree(architecture);
  tree.backbone();
  if (architecture.decoder) tree.decoder(architecture.decoder);
  tree.head();
  return tree.modules;
}

class ModuleTree {
  readonly modules: ModuleSpec[] = [];
  readonly #architecture: TtmArchitecture;

  constructor(architecture: TtmArchitecture) {
    this.#architecture = architecture;
  }

  backbone(): void {
    const { config, encoder, patches } = this.#architecture;
    const { patch_length: length, d_model: width } = config;
    this.#places("backbone", "backbone.encoder");
    this.#linear("backbone.encoder.patcher", length, width);
    if (config.use_positional_encoding) {
      const initial = this.#positionInitial();
      this.#weights("backbone.encoder.positional_encoder", { position_enc: [[patches, width], initial] });
    }
    this.#stack(encoder);
    if (config.resolution_prefix_tuning) {
      const middle = Math.floor((length + width) / 2);
      const path = "backbone.encoder.freq_mod";
      this.#places(path);
      this.#embedding(`${path}.0`, config.frequency_token_vocab_size, length);
      this.#linear(`${path}.1`, length, middle);
      this.#places(`${path}.2`);
      this.#linear(`${path}.3`, middle, width);
    }
    this.#places("backbone.patching", "backbone.scaler");
  }

  decoder(spec: NonNullable<TtmArchitecture["decoder"]>): void {
    const { config } = this.#architecture;
    this.#places("decoder");
    if (spec.adapter) this.#linear("decoder.adapter", config.d_model, spec.width);
    if (config.decoder_raw_residual) {
      this.#linear("decoder.decoder_raw_embedding", config.patch_length, spec.width);
    }
    if (spec.categories.length > 0) {
      const path = "decoder.decoder_cat_embedding_layer";
      this.#places(path, `${path}.embedding_layers`);
      spec.categories.forEach((vocabulary, index) => {
        this.#embedding(`${path}.embedding_layers.${index}`, vocabulary, spec.width);
      });
    }
    this.#stack(spec);
  }

  head(): void {
    const { config, patches, headWidth, channelMixing } = this.#architecture;
    this.#places("head", "head.dropout_layer");
    this.#linear("head.base_forecast_block", patches * headWidth, config.prediction_length);
    this.#places("head.flatten");
    if (channelMixing) this.#channelMixing(channelMixing);
  }

  #channelMixing({ mixer, window, features, forecastChannels, gated, context }: ChannelMixingSpec): void {
    const path = "head.fcm_block";
    this.#places(path);
    if (mixer) {
      this.#stack(mixer);
      this.#linear(`${path}.fcm_embedding`, window, mixer.width);
    }
    this.#linear(`${path}.mlp`, features, forecastChannels.length);
    if (gated) this.#gate(`${path}.fcm_gating_block`, features);
    if (context > 0) this.#places(`${path}.fcm_patch_block`);
  }

  #stack(stack: MixerStackSpec): void {
    this.#places(stack.path, `${stack.path}.mixers`);
    stack.levels.forEach((level, index) => {
      if (stack.adaptive) {
        this.#places(`${stack.path}.mixers.${index}`, `${stack.path}.mixers.${index}.mixer_layers`);
      }
      for (const layer of level.layers) this.#layer(layer);
    });
  }

  #layer({ path, patches, width, channels, gated, attentionHeads }: MixerLayerSpec): void {
    this.#places(path);
    if (patches > 1) {
      this.#mixer(`${path}.patch_mixer`, width, patches, gated);
      if (attentionHeads !== null) this.#attention(`${path}.patch_mixer`, width);
    }
    this.#mixer(`${path}.feature_mixer`, width, width, gated);
    if (channels !== null) this.#mixer(`${path}.channel_feature_mixer`, width, channels, gated);
  }

  #mixer(path: string, width: number, mixed: number, gated: boolean): void {
    this.#places(path);
    this.#norm(`${path}.norm`, width);
    const hidden = mixed * this.#architecture.config.expansion_factor;
    this.#places(`${path}.mlp`);
    this.#linear(`${path}.mlp.fc1`, mixed, hidden);
    this.#places(`${path}.mlp.dropout1`);
    this.#linear(`${path}.mlp.fc2`, hidden, mixed);
    this.#places(`${path}.mlp.dropout2`);
    if (gated) this.#gate(`${path}.gating_block`, mixed);
  }

  #attention(path: string, width: number): void {
    this.#places(`${path}.self_attn_layer`);
    for (const name of ["k_proj", "v_proj", "q_proj", "out_proj"]) {
      this.#linear(`${path}.self_attn_layer.${name}`, width, width);
    }
    this.#norm(`${path}.norm_attn`, width);
  }

  #gate(path: string, width: number): void {
    this.#places(path);
    this.#linear(`${path}.attn_layer`, width, width);
    this.#places(`${path}.attn_softmax`);
  }

  #norm(path: string, width: number): void {
    const [one, zero] = [constant(1), constant(0)];
    this.#places(path);
    if (!usesBatchNorm(this.#architecture.config)) {
      this.#weights(`${path}.norm`, { weight: [[width], one], bias: [[width], zero] });
      return;
    }
    this.#places(`${path}.norm`);
    const inner = `${path}.norm.batchnorm`;
    this.#weights(inner, {
      weight: [[width], one],
      bias: [[width], zero],
      running_mean: [[width], zero],
      running_var: [[width], one],
      num_batches_tracked: [[], zero, "int64"],
    });
  }

  #linear(path: string, inFeatures: number, outFeatures: number): void {
    const [weight, bias] = this.#linearInitials(inFeatures, outFeatures);
    this.modules.push({
      path,
      linear: { inFeatures, outFeatures },
      parameters: [
        { name: `${path}.weight`, dtype: "float32", shape: [outFeatures, inFeatures], initial: weight },
        { name: `${path}.bias`, dtype: "float32", shape: [outFeatures], initial: bias },
      ],
    });
  }

  #embedding(path: string, vocabulary: number, width: number): void {
    const { post_init, init_embed } = this.#architecture.config;
    const initials: Record<typeof init_embed, Initial> = {
      pytorch: normal(1),
      normal: normal(1),
      uniform: uniform(0, 1),
      xavier_uniform: xavier(vocabulary, width),
    };
    this.#weights(path, { weight: [[vocabulary, width], initials[post_init ? init_embed : "pytorch"]] });
  }

  #linearInitials(inFeatures: number, outFeatures: number): readonly [weight: Initial, bias: Initial] {
    const { post_init, init_linear, init_std } = this.#architecture.config;
    const bound = 1 / Math.sqrt(inFeatures);
    const initials: Record<typeof init_linear, readonly [Initial, Initial]> = {
      pytorch: [uniform(-bound, bound), uniform(-bound, bound)],
      normal: [normal(init_std), constant(0)],
      uniform: [uniform(0, 1), constant(0)],
      xavier_uniform: [xavier(inFeatures, outFeatures), constant(0)],
    };
    return initials[post_init ? init_linear : "pytorch"];
  }

  #positionInitial(): Initial {
    const { positional_encoding_type, post_init } = this.#architecture.config;
    return positional_encoding_type === "sincos" ? { kind: "sincos" } : normal(post_init ? 0.1 : 1);
  }

  #weights(
    path: string,
    parameters: Record<string, [shape: number[], initial: Initial, dtype?: "int64"]>,
  ): void {
    this.modules.push({
      path,
      linear: null,
      parameters: Object.entries(parameters).map(([name, [shape, initial, dtype]]) => ({
        name: `${path}.${name}`,
        dtype: dtype ?? "float32",
        shape,
        initial,
      })),
    });
  }

  #places(...paths: readonly string[]): void {
    for (const path of paths) this.modules.push({ path, linear: null, parameters: [] });
  }
}

/** Whether the norms are batch norms over features: any `norm_mlp` with "batch" in it. */
export function usesBatchNorm(config: { readonly norm_mlp: string }): boolean {
  return config.norm_mlp.toLowerCase().includes("batch");
}

const uniform = (low: number, high: number): Initial => ({ kind: "uniform", low, high });
const normal = (deviation: number): Initial => ({ kind: "normal", deviation });
const constant = (value: number): Initial => ({ kind: "constant", value });

function xavier(inFeatures: number, outFeatures: number): Initial {
  const bound = Math.sqrt(6 / (inFeatures + outFeatures));
  return uniform(-bound, bound);
}
