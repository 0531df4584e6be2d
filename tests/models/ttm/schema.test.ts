import { describe, expect, it } from "vitest";
import { describeTtm } from "../../../src/models/ttm/architecture.ts";
import { parseTtmConfig } from "../../../src/models/ttm/schema.ts";
import { tinyConfig, tinyTtm } from "../support.ts";

const parse = (keys: Readonly<Record<string, unknown>>) => parseTtmConfig(keys, "config.json");

describe("config.json", () => {
  it("gets the defaults of IBM's class", () => {
    expect(parse({})).toMatchObject({
      context_length: 64,
      patch_length: 8,
      prediction_length: 16,
      d_model: 16,
      num_layers: 3,
      decoder_num_layers: 8,
      decoder_d_model: 8,
      dropout: 0.2,
      scaling: "std",
    });
  });

  it("keeps unknown keys", () => {
    expect(tinyTtm({ d_model_scale: 3, torch_dtype: "float32" }).config).toMatchObject({
      d_model_scale: 3,
      torch_dtype: "float32",
    });
  });

  it.each([
    { multi_scale: true },
    { decompose: true },
    { register_tokens: 4 },
    { gate_mode: "sigmoid" },
    { multi_quantile_head: true },
    { scaling: "revin" },
    { loss: "nll" },
    { masked_context_length: 96 },
    { model_type: "chronos" },
    { architectures: ["TinyTimeMixerForDecomposedPrediction"] },
  ])("refuses another model by the value of its key: %j", (keys) => {
    const [key] = Object.keys(keys);
    expect(() => parse(keys)).toThrow(expect.objectContaining({ code: "MODEL_UNSUPPORTED" }));
    expect(() => parse(keys)).toThrow(key);
  });

  it("takes the keys of later releases where they are inert", () => {
    const inert = {
      multi_scale: false,
      register_tokens: 0,
      fft_length: 0,
      gate_mode: "softmax",
      trend_d_model: null,
    };
    expect(() => parse({ ...inert, use_fft_embedding: true, mq_hidden: 8 })).not.toThrow();
  });

  it("names every wrong key with its value", () => {
    expect(() => parse({ d_model: -1, mode: "mixed" })).toThrow(
      expect.objectContaining({
        code: "MODEL_BAD_CONFIG",
        where: {
          text: "config.json",
          detail: [expect.stringMatching(/d_model: -1/), expect.stringMatching(/mode: "mixed"/)],
        },
      }),
    );
  });

  it.each([
    [{ num_patches: 5 }, "num_patches is 5"],
    [{ context_length: 8 }, "context_length 8"],
    [{ prediction_filter_length: 11 }, "prediction_filter_length 11"],
    [{ d_model: 15 }, "cannot be cut into 2 pieces"],
    [{ categorical_vocab_size_list: [3] }, "decoder_mode = mix_channel"],
    [{ scaling: "median" }, "scaling is 'median'"],
    [
      { enable_forecast_channel_mixing: true, fcm_context_length: 0, fcm_gated_attn: false },
      "fcm_context_length = 0",
    ],
    [{ self_attn: true, self_attn_heads: 3 }, "self_attn_heads = 3"],
  ])("refuses keys that contradict each other: %j", (keys, what) => {
    expect(() => describeTtm(parse({ ...tinyConfig, ...keys }))).toThrow(
      expect.objectContaining({ code: "MODEL_BAD_CONFIG", message: expect.stringContaining(what) }),
    );
  });
});

describe("a graph", () => {
  it("is refused for another number of channels than the weights mix", () => {
    const model = tinyTtm({ decoder_mode: "mix_channel" });
    expect(() => model.build({ batch: 1, channels: 4, training: false })).toThrow(
      expect.objectContaining({ code: "MODEL_BAD_INPUT" }),
    );
  });

  it("is refused where a forecast channel is not among the data", () => {
    const model = tinyTtm({ prediction_channel_indices: [5] });
    expect(() => model.build({ batch: 1, channels: 4, training: false })).toThrow("channel 5");
  });

  it("has Dropout where torch has it, with the decoder at the head's rate", () => {
    const graph = tinyTtm({ dropout: 0.1, head_dropout: 0.7 }).build({
      batch: 1,
      channels: 1,
      training: true,
    });
    const rates = graph.nodes
      .filter(({ op }) => op === "Dropout")
      .map(({ name, inputs }) => [name, graph.initializers.get(inputs[1] ?? "")?.data[0]] as const);
    expect(rates.length).toBe(3 * 4 + 1); // three layers of two MLPs, and the head
    for (const [name, rate] of rates) {
      expect(rate, name).toBeCloseTo(name.startsWith("backbone") ? 0.1 : 0.7);
    }
  });
});
