import { attend, type Tokens } from "./attention.ts";
import type { Forward } from "./forward.ts";
import { decoderLayers } from "./list-modules.ts";
import { positionBias } from "./relative-position.ts";

/** What is added to the scores of keys that do not count: the most negative float32, never −∞. */
const MASKED = -3.4028234663852886e38;

/** The encoder's answer, and which of its tokens count. */
export interface Encoded extends Tokens {
  /** [series, 1, 1, length]: 0, or {@link MASKED}. */
  readonly keyBias: string;
}

/** T5's encoder, both directions. `observed` is float32 [series, length], 1 for tokens that count. */
export function encode(f: Forward, { rows, length }: Tokens, observed: string): Encoded {
  const { graph, series } = f;
  const missing = graph.op("Sub", [graph.scalar(1), graph.reshape(observed, [series, 1, 1, length])]);
  const keyBias = graph.op("Mul", [missing, graph.scalar(MASKED)]);
  const bias = graph.op("Add", [positionBias(f, "encoder", length), keyBias]);
  let x = f.dropout(rows);
  for (let block = 0; block < f.config.num_layers; block++) {
    const path = `encoder.block.${block}.layer`;
    x = subLayer(f, `${path}.0`, x, (normed) => {
      const tokens = { rows: normed, length };
      return attend(f, `${path}.0.SelfAttention`, tokens, tokens, bias);
    });
    x = subLayer(f, `${path}.1`, x, (normed) => feedForward(f, `${path}.1.DenseReluDense`, normed));
  }
  return { rows: finish(f, "encoder", x), length, keyBias };
}

/**
 * T5's decoder on one token per series, [series, width] → [series, width]. Its attention to itself has a softmax over one
 * score, so q, k and the position bias do nothing; they stay, so that adapters on them get their (zero) gradient.
 */
export function decode(f: Forward, rows: string, encoded: Encoded): string {
  const bias = positionBias(f, "decoder", 1);
  let x = f.dropout(rows);
  for (let block = 0; block < decoderLayers(f.config); block++) {
    const path = `decoder.block.${block}.layer`;
    x = subLayer(f, `${path}.0`, x, (normed) => {
      const token = { rows: normed, length: 1 };
      return attend(f, `${path}.0.SelfAttention`, token, token, bias);
    });
    x = subLayer(f, `${path}.1`, x, (normed) =>
      attend(f, `${path}.1.EncDecAttention`, { rows: normed, length: 1 }, encoded, encoded.keyBias),
    );
    x = subLayer(f, `${path}.2`, x, (normed) => feedForward(f, `${path}.2.DenseReluDense`, normed));
  }
  return finish(f, "decoder", x);
}

/** `x + drop(layer(norm(x)))` */
function subLayer(f: Forward, path: string, x: string, layer: (normed: string) => string): string {
  const output = f.dropout(layer(f.rmsNorm(`${path}.layer_norm`, x)));
  return f.graph.op("Add", [x, output], undefined, { name: path });
}

/** `W_o·drop(relu(W_i·x))` */
function feedForward(f: Forward, path: string, x: string): string {
  return f.linear(`${path}.wo`, f.dropout(f.graph.op("Relu", [f.linear(`${path}.wi`, x)])));
}

function finish(f: Forward, stack: "encoder" | "decoder", x: string): string {
  return f.dropout(f.rmsNorm(`${stack}.final_layer_norm`, x));
}
