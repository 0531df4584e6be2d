import { describe, expect, it } from "vitest";
import { Random } from "../../../src/core/index.ts";
import { createTtm } from "../../../src/models/index.ts";
import { parameterCount, r2Config } from "../support.ts";

const wide = { patch_length: 128, patch_stride: 128, d_model: 384, decoder_d_model: 256 };
const prefix = { resolution_prefix_tuning: true, frequency_token_vocab_size: 8 };

/** Parameters in all and outside of the backbone, as IBM's notebooks print them: reference on the architecture, §6. */
const family = [
  { name: "R2 512→96", keys: {}, total: 805_280, outside: 289_696 },
  { name: "R2 512→192", keys: { prediction_length: 192 }, total: 903_680, outside: 388_096 },
  { name: "R2 512→336", keys: { prediction_length: 336 }, total: 1_051_280, outside: 535_696 },
  { name: "R2 512→720", keys: { prediction_length: 720 }, total: 1_444_880, outside: 929_296 },
  { name: "R1 1024→96", keys: { context_length: 1024 }, total: 946_336, outside: 389_984 },
  { name: "R2 1024→96", keys: { ...wide, context_length: 1024 }, total: 2_964_960, outside: 955_424 },
  { name: "R2 1536→96", keys: { ...wide, context_length: 1536 }, total: 3_081_120, outside: 1_054_560 },
  { name: "research 512→96-ft", keys: prefix, total: 854_972, outside: 302_162 },
  {
    name: "research 1024→96-ft",
    keys: { ...wide, ...prefix, context_length: 1024 },
    total: 3_126_076,
    outside: 980_178,
  },
  {
    name: "research 1536→96-ft",
    keys: { ...wide, ...prefix, context_length: 1536 },
    total: 3_243_996,
    outside: 1_079_394,
  },
];

describe("the published family", () => {
  it.each(family)(
    "$name has $total parameters, $outside outside of the backbone",
    ({ keys, total, outside }) => {
      const model = createTtm({
        config: { ...r2Config, ...keys },
        weights: "random",
        random: Random.fromSeed(0),
      });
      expect(parameterCount(model)).toBe(total);
      expect(parameterCount(model, "backbone.")).toBe(outside);
    },
  );

  it("has the 51 linear layers and the presets of R2", () => {
    const { linearModules, targetPresets, weights } = createTtm({
      config: r2Config,
      weights: "random",
      random: Random.fromSeed(0),
    });
    expect(weights.size).toBe(134);
    expect(linearModules.length).toBe(51);
    const sizes = Object.entries(targetPresets).map(([name, targets]) => [name, targets.length]);
    expect(Object.fromEntries(sizes)).toEqual({ "decoder-head": 14, mixers: 48, head: 1, "all-linear": 51 });
    expect(linearModules[0]).toEqual({
      path: "backbone.encoder.patcher",
      weight: "backbone.encoder.patcher.weight",
      bias: "backbone.encoder.patcher.bias",
      inFeatures: 64,
      outFeatures: 192,
    });
    expect(linearModules.at(-1)).toMatchObject({
      path: "head.base_forecast_block",
      inFeatures: 1024,
      outFeatures: 96,
    });
  });

  it("lists containers among the modules, as PEFT's target rules see them", () => {
    const { modules } = createTtm({ config: r2Config, weights: "random", random: Random.fromSeed(0) });
    const first = "backbone.encoder.mlp_mixer_encoder.mixers.0.mixer_layers.0.patch_mixer";
    expect(modules).toEqual(
      expect.arrayContaining([
        "decoder",
        `${first}.mlp`,
        `${first}.mlp.dropout1`,
        `${first}.norm.norm`,
        "head.flatten",
      ]),
    );
  });
});
