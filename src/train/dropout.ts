import { elementCount, type Graph, GraphBuilder, type Node } from "../onnx/index.ts";
import { TrainError } from "./errors.ts";

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
 * hidden state, which can be neither resumed nor shared between the workers of a step. A Dropout that is not in training mode,
 * ONNX's default, lets everything through.
 *
 * @throws {TrainError} TRAIN_WRONG_DROPOUT where a ratio or a mode is computed by the graph
 */
export function feedDropoutMasks(graph: Graph): { graph: Graph; masks: readonly DropoutMask[] } {
  const masks: DropoutMask[] = [];
  const b = GraphBuilder.from(graph, { dropOutputs: true, dropNodes: true });
  for (const node of graph.nodes) {
    if (node.op !== "Dropout") {
      b.addNode(node);
      continue;
    }
    const mask = readDropout(b, node, masks.length);
    const [x] = node.inputs as [string];
    const [kept, keptMask] = node.outputs as [string, string | undefined];
    if (mask) {
      masks.push(mask);
      b.input(mask.input, "bool", mask.shape);
      const scaled = b.op("Mul", [x, b.scalarLike(x, 1 / (1 - mask.ratio))]);
      b.op("Where", [mask.input, scaled, b.scalarLike(x, 0)], undefined, { name: kept });
    } else b.op("Identity", [x], undefined, { name: kept });
    if (keptMask) b.op("Identity", [mask?.input ?? everything(b, x)], undefined, { name: keptMask });
  }
  for (const output of graph.outputs) b.output(output.name);
  return { graph: b.build(), masks };
}

/** The mask that a Dropout needs; undefined where it is not in training mode. */
function readDropout(b: GraphBuilder, node: Node, index: number): DropoutMask | undefined {
  const [x, ratioName, modeName] = node.inputs as [string, string | undefined, string | undefined];
  if (!modeName || constantOf(b, node, modeName) === 0) return undefined;
  const ratio = ratioName ? constantOf(b, node, ratioName) : 0.5;
  const shape = b.shape(x);
  return { input: `dropout_mask_${index}`, shape, size: elementCount(shape), ratio };
}

function constantOf(b: GraphBuilder, node: Node, name: string): number {
  const value = b.constantValue(name)?.data[0];
  if (value !== undefined) return Number(value);
  throw new TrainError("TRAIN_WRONG_DROPOUT", `the ratio or mode '${name}' of a Dropout is not a constant`, {
    where: `Dropout '${node.name}'`,
    fix: "export the model with a fixed ratio and in a fixed mode",
  });
}

/** A mask of ones. */
function everything(b: GraphBuilder, x: string): string {
  const yes = b.constant({ dtype: "bool", shape: [], data: Uint8Array.of(1) });
  return b.op("Expand", [yes, b.integers(b.shape(x))]);
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
 * Draws masks by counter: mask bits depend on (seed, step, piece, mask, position) alone, so that a resumed run, and any
 * number of workers, sees the same ones.
 *
 * @param into  as long as all masks together; they lie in it one after the other
 */
export function drawMasks(
  masks: readonly DropoutMask[],
  into: Uint8Array,
  at: { readonly seed: number; readonly step: number; readonly piece: number },
): Uint8Array[] {
  const key = mix(mix(mix(at.seed ^ GOLDEN) + at.step) ^ Math.imul(at.piece + 1, GOLDEN));
  let offset = 0;
  return masks.map(({ size, ratio }, index) => {
    const view = into.subarray(offset, offset + size);
    fill(view, new Lanes(ratio, mix(key + Math.imul(index, GOLDEN)), mix(key ^ index)));
    offset += size;
    return view;
  });
}

/** Values that are drawn in one go, one per bit of a number. */
const LANES = 32;

/** Binary digits of a ratio that are looked at: as many as float32 tells apart. */
const FIRST_DIGIT = 2 ** 23;

/** Draws 32 values at a time. */
class Lanes {
  readonly #digits: number;
  readonly #stream: number;
  #counter: number;

  constructor(ratio: number, start: number, stream: number) {
    this.#digits = Math.round(ratio * 2 * FIRST_DIGIT);
    this.#counter = start;
    this.#stream = stream;
  }

  /**
   * 32 draws, a set bit for a value that is kept. A value is dropped where a random fraction lies below the ratio; the 32
   * fractions are compared digit by digit, from the first one on, until none is undecided: after 6 or 7 random words.
   */
  next(): number {
    let undecided = -1;
    let dropped = this.#digits >= 2 * FIRST_DIGIT ? -1 : 0;
    for (let digit = FIRST_DIGIT; undecided !== 0 && digit !== 0; digit >>= 1) {
      const random = this.#random();
      if ((this.#digits & digit) !== 0) {
        dropped |= undecided & ~random;
        undecided &= random;
      } else undecided &= ~random;
    }
    return ~dropped;
  }

  /** {@link mix} with a second key in its middle, so that two masks never walk along the same numbers. */
  #random(): number {
    this.#counter = (this.#counter + GOLDEN) | 0;
    const h = Math.imul(this.#counter ^ (this.#counter >>> 16), 0x85ebca6b) ^ this.#stream;
    const random = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return random ^ (random >>> 16);
  }
}

/** The low four bits of the index, a byte each. */
const bytesOfBits = Int32Array.from(
  { length: 16 },
  (_, bits) => (bits & 1) | ((bits & 2) << 7) | ((bits & 4) << 14) | ((bits & 8) << 21),
);

/** Four bytes are written at once where the mask lies on a whole word; what is left over, byte by byte. */
function fill(mask: Uint8Array, lanes: Lanes): void {
  const whole = mask.byteOffset % 4 === 0 ? mask.length - (mask.length % LANES) : 0;
  const words = whole > 0 ? new Int32Array(mask.buffer, mask.byteOffset, whole / 4) : new Int32Array(0);
  for (let at = 0; at < words.length; at += LANES / 4) {
    const kept = lanes.next();
    for (let nibble = 0; nibble < LANES / 4; nibble++) {
      words[at + nibble] = bytesOfBits[(kept >>> (4 * nibble)) & 15] as number;
    }
  }
  for (let at = whole; at < mask.length; at += LANES) {
    const kept = lanes.next();
    const end = Math.min(mask.length, at + LANES);
    for (let index = at; index < end; index++) mask[index] = (kept >>> (index - at)) & 1;
  }
}
