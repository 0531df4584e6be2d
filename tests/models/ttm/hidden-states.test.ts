import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Random } from "../../../src/core/index.ts";
import { loadModel } from "../../../src/models/index.ts";
import { float32Tensor, GraphBuilder } from "../../../src/onnx/index.ts";
import { evaluate } from "../../../src/runtime/index.ts";
import { noShared, sharedFolder } from "../support.ts";

const encoder = "backbone.encoder.mlp_mixer_encoder.mixers";

/** Mean, deviation and element 0 after each layer: reference document on the architecture, §7 (float64 NumPy and PyTorch). */
const layers = [
  [`${encoder}.0.mixer_layers.0`, 0.00323382, 0.3889486, 0.08995992],
  [`${encoder}.0.mixer_layers.1`, 0.00461559, 0.3910968, 0.09255897],
  [`${encoder}.1.mixer_layers.0`, 0.00253723, 0.39096023, 0.08745109],
  [`${encoder}.1.mixer_layers.1`, 0.00089705, 0.39134967, 0.08159462],
  [`${encoder}.2.mixer_layers.0`, -0.00151458, 0.39274521, 0.08077472],
  [`${encoder}.2.mixer_layers.1`, -0.00240858, 0.39343531, 0.07676902],
  ["decoder.decoder_block.mixers.0", 0.00532577, 0.17060424, -0.08739112],
  ["decoder.decoder_block.mixers.1", 0.00505106, 0.20258171, -0.0896106],
] as const;

const series = Float32Array.from(
  { length: 512 },
  (_, t) => 10 + 3 * Math.sin((2 * Math.PI * t) / 24) + 0.01 * t + 0.5 * Math.cos((2 * Math.PI * t) / 7),
);

describe.skipIf(sharedFolder === undefined)(`TTM-R2 on a known series${noShared}`, () => {
  it("has the published hidden states and predictions", async () => {
    const model = loadModel({
      path: join(sharedFolder ?? "", "models/ttm-r2-512-96"),
      random: Random.fromSeed(0),
    });
    const builder = GraphBuilder.from(model.build({ batch: 1, channels: 1, training: false }));
    for (const [name] of layers) builder.output(name);
    const outputs = await evaluate(builder.build(), { past_values: float32Tensor([1, 512, 1], series) });

    for (const [name, mean, deviation, first] of layers) {
      const values = Array.from(outputs[name]?.data as Float32Array);
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
      expect(average, name).toBeCloseTo(mean, 6);
      expect(Math.sqrt(variance), name).toBeCloseTo(deviation, 6);
      expect(values[0], name).toBeCloseTo(first, 6);
    }
    const predictions = Array.from(outputs["predictions"]?.data as Float32Array);
    const start = [18.56186593, 17.80206068, 16.9785865, 15.95091995, 14.94628945, 13.83397569];
    start.forEach((value, step) => {
      expect(predictions[step]).toBeCloseTo(value, 4);
    });
    expect(predictions[95]).toBeCloseTo(16.824965, 4);
    expect(predictions.reduce((sum, value) => sum + value, 0) / 96).toBeCloseTo(14.08257597, 4);
  });
});
