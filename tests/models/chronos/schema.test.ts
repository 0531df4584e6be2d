import { describe, expect, it } from "vitest";
import { Random } from "../../../src/core/index.ts";
import { createChronosBolt, type RawConfig } from "../../../src/models/index.ts";
import { float32Tensor } from "../../../src/onnx/index.ts";
import { boltConfig, tinyBolt } from "./support.ts";

const create = (keys: RawConfig) =>
  createChronosBolt({ config: { ...boltConfig, ...keys }, weights: "random", random: Random.fromSeed(1) });

describe("config.json of a Chronos-Bolt", () => {
  it.each([
    [{ model_type: "tinytimemixer" }, "MODEL_UNSUPPORTED"],
    [{ architectures: ["T5ForConditionalGeneration"] }, "MODEL_UNSUPPORTED"],
    [{ feed_forward_proj: "gated-gelu" }, "MODEL_UNSUPPORTED"],
    [{ d_model: 0 }, "MODEL_BAD_CONFIG"],
    [{ chronos_config: undefined }, "MODEL_BAD_CONFIG"],
    [{ chronos_config: { ...boltConfig.chronos_config, quantiles: [0.5, 0.1] } }, "MODEL_BAD_CONFIG"],
    [{ chronos_config: { ...boltConfig.chronos_config, context_length: 4 } }, "MODEL_BAD_CONFIG"],
    [{ prediction_filter_length: 11 }, "MODEL_BAD_CONFIG"],
    [{ decoder_start_token_id: 2 }, "MODEL_BAD_CONFIG"],
  ])("%j is refused: %s", (keys, code) => {
    expect(() => create(keys)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    [{ dropout_rte: 0 }, "dropout_rate"],
    [{ chronos_config: { quantile: [0.5] } }, "quantiles"],
  ])("the misspelt override %j is named, with the nearest key", (overrides, nearest) => {
    expect(() => tinyBolt(overrides)).toThrow(
      expect.objectContaining({ code: "MODEL_BAD_CONFIG", fix: expect.stringContaining(nearest) }),
    );
  });
});

describe("weights of a Chronos-Bolt", () => {
  const weights = tinyBolt().weights;
  const load = (tensors: Iterable<readonly [string, ReturnType<typeof float32Tensor>]>) =>
    createChronosBolt({ config: boltConfig, weights: new Map(tensors), random: Random.fromSeed(1) });

  it("may hold the tied copies that some files have", () => {
    const tied = weights.get("shared.weight") ?? float32Tensor([], [0]);
    const model = load([...weights, ["encoder.embed_tokens.weight", tied], ["lm_head.weight", tied]]);
    expect([...model.weights.keys()]).toEqual([...weights.keys()]);
  });

  it("are refused where one is missing", () => {
    const rest = [...weights].filter(([name]) => name !== "decoder.final_layer_norm.weight");
    expect(() => load(rest)).toThrow(expect.objectContaining({ code: "MODEL_WEIGHTS_MISMATCH" }));
  });
});
