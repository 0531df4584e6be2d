import type { MixerStackSpec } from "./architecture.ts";
import type { Forward, Pass } from "./forward.ts";
import { mixerLayer } from "./mixer-layer.ts";

/**
 * A stack of mixer layers on [patches · series, width]. At each level every patch vector is cut into `factor` pieces
 * that become patches of their own; going from one level to the next is one transpose.
 */
export function mixerStack(f: Forward, stack: MixerStackSpec, hidden: string, pass: Pass): string {
  let value = hidden;
  let factor = 1;
  const repatchTo = (next: number) => {
    value = repatch(f, stack, value, pass.series, [factor, next]);
    factor = next;
  };
  for (const level of stack.levels) {
    repatchTo(level.factor);
    for (const layer of level.layers) value = mixerLayer(f, layer, value, pass);
  }
  repatchTo(1);
  return value;
}

/** [patches·from · series, width/from] → [patches·to · series, width/to]; both factors are powers of two. */
function repatch(
  { graph }: Forward,
  { patches, width }: MixerStackSpec,
  value: string,
  series: number,
  [from, to]: readonly [from: number, to: number],
): string {
  if (from === to) return value;
  const ratio = to > from ? to / from : from / to;
  const apart =
    to > from
      ? [patches * from, series, ratio, width / to] // cut each vector
      : [patches * to, ratio, series, width / from]; // join neighbouring patches
  const swapped = graph.transpose(graph.reshape(value, apart), [0, 2, 1, 3]);
  return graph.reshape(swapped, [patches * to * series, width / to]);
}
