/** Last path components of the linear layers inside a mixer. */
const mixerLayers = new Set(["fc1", "fc2", "attn_layer"]);

/**
 * Named choices of linear modules for adapters: `decoder-head` is what IBM's recipe fine-tunes (14 layers of R2),
 * `mixers` is fc1, fc2 and attn_layer everywhere (48), `head` the last layer, `all-linear` every linear layer (51).
 */
export function targetPresets(linear: readonly string[]): Readonly<Record<string, readonly string[]>> {
  return {
    "decoder-head": linear.filter((path) => path.startsWith("decoder.") || path.startsWith("head.")),
    mixers: linear.filter((path) => mixerLayers.has(path.slice(path.lastIndexOf(".") + 1))),
    head: linear.filter((path) => path.startsWith("head.")),
    "all-linear": linear,
  };
}
