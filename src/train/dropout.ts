import { elementCount, type Graph, GraphBuilder } from "../onnx/index.ts";

/** One dropout place of a graph, as the mask it is fed. */
export interface DropoutMask {
  /** Name of the bool graph input; true keeps the value. */
  readonly input: string;
  readonly shape: readonly number[];
  readonly size: number;
  /** Probability that a value is dropped. */
  readonly ratio: number;
}

/**
 * Feeds every Dropout's mask from outside: y = Where(mask, x, 0) / (1 − ratio). The runtime's own Dropout draws from
 * hidden state, which can be neither resumed nor shared between the workers of a step.
 */
export function feedDropoutMasks(graph: Graph): { graph: Graph; masks: readonly DropoutMask[] } {
  const masks: DropoutMask[] = [];
  const b = GraphBuilder.from(graph, { dropOutputs: true, dropNodes: true });
  for (const node of graph.nodes) {
    if (node.op !== "Dropout") {
      b.addNode(node);
      continue;
    }
    const [x, ratioName] = node.inputs as [string, string | undefined];
    const ratio = ratioName ? Number(graph.initializers.get(ratioName)?.data[0] ?? 0.5) : 0.5;
    const shape = b.shape(x);
    const input = b.input(`dropout_mask_${masks.length}`, "bool", shape);
    masks.push({ input, shape, size: elementCount(shape), ratio });
    const scaled = b.op("Mul", [x, b.scalar(1 / (1 - ratio))]);
    b.op("Where", [input, scaled, b.scalar(0)], undefined, { name: node.outputs[0] as string });
  }
  for (const output of graph.outputs) b.output(output.name);
  return { graph: b.build(), masks };
}

/** murmur3's finalizer: every bit of the input moves every bit of the output. @see A. Appleby, MurmurHash3 */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** 2³² divided by the golden ratio: steps of it spread over all 32-bit numbers. */
const GOLDEN = 0x9e3779b9;

/**
 * Draws masks by counter: mask bits depend on (seed, step, piece, position) alone, so that a resumed run, and any
 * number of workers whose pieces are of the same size, sees the same ones. Each 32-bit hash gives two draws of 16 bits.
 */
export function drawMasks(
  masks: readonly DropoutMask[],
  into: Uint8Array,
  at: { readonly seed: number; readonly step: number; readonly piece: number },
): Uint8Array[] {
  const key = mix(mix(mix(at.seed ^ GOLDEN) + at.step) ^ Math.imul(at.piece + 1, GOLDEN));
  let offset = 0;
  return masks.map(({ size, ratio }) => {
    const view = into.subarray(offset, offset + size);
    const threshold = Math.round(ratio * 65536);
    for (let i = 0; i < size; i += 2) {
      const hash = mix(Math.imul((offset + i) | 0, GOLDEN) ^ key);
      view[i] = (hash & 0xffff) >= threshold ? 1 : 0;
      if (i + 1 < size) view[i + 1] = hash >>> 16 >= threshold ? 1 : 0;
    }
    offset += size;
    return view;
  });
}
