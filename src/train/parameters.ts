import { elementCount, type Graph, GraphBuilder, type Tensor } from "../onnx/index.ts";
import { TrainError } from "./errors.ts";

/** Where one trained tensor lies in the flat vector. */
export interface ParameterSlot {
  readonly name: string;
  readonly shape: readonly number[];
  /** First element in the flat vector. */
  readonly offset: number;
  readonly size: number;
}

/** The trained tensors, packed into one flat float32 vector of `size` values, in the order of `slots`. */
export interface ParameterLayout {
  readonly slots: readonly ParameterSlot[];
  readonly size: number;
}

/** Name of the flat vector among a lifted graph's inputs. */
export const PARAMETERS = "parameters";

export function layoutParameters(
  tensors: ReadonlyMap<string, Tensor>,
  names: readonly string[],
): ParameterLayout {
  if (names.length === 0) {
    throw new TrainError("TRAIN_NOTHING_TO_TRAIN", "no parameter is trainable", {
      fix: "choose targets with lora.target_modules, or training.lora_rank=null to train every weight",
    });
  }
  let offset = 0;
  const slots = names.map((name) => {
    const { shape } = tensors.get(name) ?? unknown(name);
    const slot = { name, shape, offset, size: elementCount(shape) };
    offset += slot.size;
    return slot;
  });
  return { slots, size: offset };
}

/** The flat vector that holds the tensors' values. */
export function packParameters(layout: ParameterLayout, tensors: ReadonlyMap<string, Tensor>): Float32Array {
  const flat = new Float32Array(layout.size);
  for (const { name, offset } of layout.slots)
    flat.set((tensors.get(name) ?? unknown(name)).data as Float32Array, offset);
  return flat;
}

/** The tensors back from a flat vector; copies. */
export function unpackParameters(layout: ParameterLayout, flat: Float32Array): Map<string, Tensor> {
  return new Map(
    layout.slots.map(({ name, shape, offset, size }) => [
      name,
      { dtype: "float32", shape, data: flat.slice(offset, offset + size) },
    ]),
  );
}

/**
 * Takes the trained initializers out of a graph and feeds them through one flat input, {@link PARAMETERS} [N]:
 * one Split and a Reshape each, under the initializers' own names, so that the rest of the graph stays as it is.
 */
export function liftParameters(graph: Graph, layout: ParameterLayout): Graph {
  const lifted = new Set(layout.slots.map(({ name }) => name));
  const initializers = new Map([...graph.initializers].filter(([name]) => !lifted.has(name)));
  const b = GraphBuilder.from({ ...graph, initializers }, { dropOutputs: true, dropNodes: true });
  const flat = b.input(PARAMETERS, "float32", [layout.size]);
  const sizes = layout.slots.map(({ size }) => size);
  const parts =
    sizes.length === 1
      ? [flat]
      : b.ops("Split", [flat, b.integers(sizes)], { axis: 0 }, { outputs: sizes.length });
  layout.slots.forEach(({ name, shape }, index) => {
    b.op("Reshape", [parts[index] as string, b.integers(shape)], undefined, { name });
  });
  for (const node of graph.nodes) b.addNode(node);
  for (const output of graph.outputs) b.output(output.name);
  return b.build();
}

function unknown(name: string): never {
  throw new TrainError("TRAIN_UNKNOWN_PARAMETER", `the graph has no trainable tensor '${name}'`, {
    fix: "this is a mistake in the list of trainable names; please report it",
  });
}
