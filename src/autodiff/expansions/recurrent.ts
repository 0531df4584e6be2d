import type { GraphBuilder, Node } from "../../onnx/index.ts";
import { intAttribute } from "../../onnx/index.ts";
import { AutodiffError } from "../errors.ts";

/** One direction of a recurrent node: its weights without the direction axis, and its states. */
interface Direction {
  readonly w: string;
  readonly r: string;
  /** Input and recurrence bias, [2·gates·hidden], or undefined. */
  readonly bias: string | undefined;
  readonly hidden: number;
  readonly state: readonly string[];
  /** Activation functions, in the order of the ONNX specification. */
  readonly activations: readonly string[];
}

/** New states from a step's input [batch, size] and the old ones. The first state is the output. */
type Cell = (
  b: GraphBuilder,
  x: string,
  direction: Direction,
  states: readonly string[],
  node: Node,
) => string[];

const add = (b: GraphBuilder, x: string, y: string) => b.op("Add", [x, y]);
const mul = (b: GraphBuilder, x: string, y: string) => b.op("Mul", [x, y]);
const supported = ["Sigmoid", "Tanh", "Relu", "Softsign", "Softplus"] as const;

function activate(b: GraphBuilder, name: string | undefined, value: string, node: Node): string {
  const op = supported.find((known) => known === name);
  if (op) return b.op(op, [value]);
  throw new AutodiffError(
    "AUTODIFF_UNSUPPORTED_FORM",
    `the activation ${name} of ${node.op} cannot be unrolled`,
    {
      where: `${node.op} '${node.name}'`,
      fix: `use one of ${supported.join(", ")}`,
    },
  );
}

/** x·Wᵀ + b for all gates together, cut into gates. */
function gates(
  b: GraphBuilder,
  x: string,
  weight: string,
  bias: string | undefined,
  count: number,
): readonly string[] {
  const all = b.op("Gemm", bias ? [x, weight, bias] : [x, weight], { transB: 1 });
  const size = (b.shape(all)[1] as number) / count;
  return count === 1
    ? [all]
    : b.ops("Split", [all, b.integers(Array<number>(count).fill(size))], { axis: 1 }, { outputs: count });
}

function halves(b: GraphBuilder, bias: string | undefined): [string | undefined, string | undefined] {
  if (!bias) return [undefined, undefined];
  const size = (b.shape(bias)[0] as number) / 2;
  const [input, recurrence] = b.ops("Split", [bias, b.integers([size, size])], { axis: 0 }, { outputs: 2 });
  return [input, recurrence];
}

const rnn: Cell = (b, x, { w, r, bias, activations }, [h], node) => {
  const [wb, rb] = halves(b, bias);
  const [input] = gates(b, x, w, wb, 1);
  const [recurrence] = gates(b, h as string, r, rb, 1);
  return [activate(b, activations[0], add(b, input as string, recurrence as string), node)];
};

/** Gates in the order z, r, h. */
const gru: Cell = (b, x, { w, r, bias, activations, hidden }, [h], node) => {
  const [wb, rb] = halves(b, bias);
  const [xz, xr, xh] = gates(b, x, w, wb, 3) as [string, string, string];
  const before = intAttribute(node, "linear_before_reset", 0) === 1;
  const [hz, hr, hh] = gates(b, h as string, r, rb, 3) as [string, string, string];
  const z = activate(b, activations[0], add(b, xz, hz), node);
  const reset = activate(b, activations[0], add(b, xr, hr), node);
  const candidate = before ? mul(b, reset, hh) : resetFirst(b, mul(b, reset, h as string), r, rb, hidden);
  const fresh = activate(b, activations[1], add(b, xh, candidate), node);
  // (1 − z)·fresh + z·h
  return [add(b, fresh, mul(b, z, b.op("Sub", [h as string, fresh])))];
};

/** (r ⊙ h)·R_hᵀ + b: the reset gate acts before the product. */
function resetFirst(
  b: GraphBuilder,
  gated: string,
  r: string,
  rb: string | undefined,
  hidden: number,
): string {
  const rows = [b.integers([2 * hidden]), b.integers([3 * hidden]), b.integers([0])];
  const weight = b.op("Slice", [r, ...rows]);
  const bias = rb && b.op("Slice", [rb, ...rows]);
  return b.op("Gemm", bias ? [gated, weight, bias] : [gated, weight], { transB: 1 });
}

/** Gates in the order i, o, f, c. */
const lstm: Cell = (b, x, { w, r, bias, activations }, [h, cell], node) => {
  const [wb, rb] = halves(b, bias);
  const input = gates(b, x, w, wb, 4);
  const recurrence = gates(b, h as string, r, rb, 4);
  const [i, o, f, g] = input.map((part, index) => add(b, part, recurrence[index] as string)) as [
    string,
    string,
    string,
    string,
  ];
  const sigmoid = (value: string) => activate(b, activations[0], value, node);
  const kept = mul(b, sigmoid(f), cell as string);
  const next = add(b, kept, mul(b, sigmoid(i), activate(b, activations[1], g, node)));
  return [mul(b, sigmoid(o), activate(b, activations[2], next, node)), next];
};

const cells: Readonly<
  Record<string, { readonly step: Cell; readonly states: number; readonly activations: readonly string[] }>
> = {
  GRU: { step: gru, states: 1, activations: ["Sigmoid", "Tanh"] },
  LSTM: { step: lstm, states: 2, activations: ["Sigmoid", "Tanh", "Tanh"] },
  RNN: { step: rnn, states: 1, activations: ["Tanh"] },
};

/** A recurrent node, step by step. Sequence lengths, peepholes and {@link unread} attributes are refused. @see onnx RNN, GRU, LSTM */
export function expandRecurrent(b: GraphBuilder, node: Node): readonly string[] {
  const [x, w, r, bias, lengths, ...rest] = node.inputs as [
    string,
    string,
    string,
    ...(string | undefined)[],
  ];
  const kind = cells[node.op] as (typeof cells)[string];
  const initial = rest.slice(0, kind.states);
  if (lengths || rest[kind.states]) throw refused(node, "sequence lengths or peepholes");
  const refusedAttribute = unread.find((name) => isSet(node, name));
  if (refusedAttribute) throw refused(node, `the attribute ${refusedAttribute}`);
  const [time = 0, batch = 0, size = 0] = b.shape(x);
  const [count = 0, , hidden = 0] = b.shape(r);
  const steps =
    time === 1
      ? [x]
      : b.ops("Split", [x, b.integers(Array<number>(time).fill(1))], { axis: 0 }, { outputs: time });
  const inputs = steps.map((step) => b.reshape(step, [batch, size]));
  const runs = Array.from({ length: count }, (_, index) => {
    const part = (value: string | undefined) => value && ofDirection(b, value, index);
    const zero = b.op("Expand", [b.scalarLike(x, 0), b.integers([batch, hidden])]);
    const direction: Direction = {
      w: ofDirection(b, w, index),
      r: ofDirection(b, r, index),
      bias: part(bias),
      hidden,
      state: Array.from({ length: kind.states }, (_, state) => part(initial[state]) ?? zero),
      activations: activationsOf(node, kind.activations, index),
    };
    return unroll(b, inputs, direction, { step: kind.step, node, backward: isBackward(node, index) });
  });
  const outputs = inputs.map((_, t) =>
    b.op(
      "Concat",
      runs.map((run) => b.reshape(run.outputs[t] as string, [1, 1, batch, hidden])),
      { axis: 1 },
    ),
  );
  const y = b.op("Concat", outputs, { axis: 0 });
  const last = Array.from({ length: kind.states }, (_, state) =>
    b.op(
      "Concat",
      runs.map((run) => b.reshape(run.states[state] as string, [1, batch, hidden])),
      { axis: 0 },
    ),
  );
  return [y, ...last];
}

/** Attributes that change what a cell computes and that no exporter of torch writes. */
const unread = ["activation_alpha", "activation_beta", "clip", "input_forget"] as const;

function isSet(node: Node, name: string): boolean {
  const attribute = node.attributes[name];
  if (attribute?.type === "floats") return attribute.value.length > 0;
  return attribute?.type === "float" || (attribute?.type === "int" && attribute.value !== 0);
}

function refused(node: Node, what: string): AutodiffError {
  return new AutodiffError("AUTODIFF_UNSUPPORTED_FORM", `${node.op} with ${what} cannot be unrolled`, {
    where: `${node.op} '${node.name}'`,
    fix: "export the model without them",
  });
}

function isBackward(node: Node, index: number): boolean {
  const attribute = node.attributes["direction"];
  const direction = attribute?.type === "string" ? attribute.value : "forward";
  return direction === "reverse" || (direction === "bidirectional" && index === 1);
}

function activationsOf(node: Node, defaults: readonly string[], index: number): readonly string[] {
  const attribute = node.attributes["activations"];
  if (attribute?.type !== "strings") return defaults;
  return attribute.value.slice(index * defaults.length, (index + 1) * defaults.length);
}

/** A direction's slice, without the direction axis. */
function ofDirection(b: GraphBuilder, value: string, index: number): string {
  const [count = 1, ...shape] = b.shape(value);
  const own =
    count === 1
      ? value
      : b.op("Slice", [value, b.integers([index]), b.integers([index + 1]), b.integers([0])]);
  return b.reshape(own, shape);
}

function unroll(
  b: GraphBuilder,
  inputs: readonly string[],
  direction: Direction,
  { step, node, backward }: { readonly step: Cell; readonly node: Node; readonly backward: boolean },
): { readonly outputs: readonly string[]; readonly states: readonly string[] } {
  const order = [...inputs.keys()];
  if (backward) order.reverse();
  const outputs: string[] = [];
  let states: readonly string[] = direction.state;
  for (const t of order) {
    states = step(b, inputs[t] as string, direction, states, node);
    outputs[t] = states[0] as string;
  }
  return { outputs, states };
}
