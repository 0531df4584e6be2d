import { OnnxError } from "../errors.ts";
import { int64Tensor, type Tensor } from "../graph.ts";
import type { NodeDecoder } from "./decode-nodes.ts";
import type { GraphProto, NodeProto } from "./generated/onnx-ml_pb.js";
import { describeProto, Scope } from "./scope.ts";

function bodyOf(node: NodeProto, name: string): GraphProto {
  const graph = node.attribute.find((attribute) => attribute.name === name)?.g;
  if (graph) return graph;
  throw new OnnxError("ONNX_BAD_FILE", `it has no ${name}`, {
    where: describeProto(node),
    fix: "export the model again; this file is damaged",
  });
}

function intsOf(node: NodeProto, name: string): number[] | undefined {
  const attribute = node.attribute.find((one) => one.name === name);
  return attribute && attribute.ints.length > 0 ? attribute.ints.map(Number) : undefined;
}

function unsupported(node: NodeProto, what: string, fix: string): never {
  throw new OnnxError("ONNX_UNSUPPORTED", what, { where: describeProto(node), fix });
}

/** An If whose condition is known before the graph runs, as exporters write it around shapes: its branch. */
export function flattenIf(decoder: NodeDecoder, node: NodeProto, scope: Scope): void {
  const condition = decoder.known().constants.get(scope.resolve(node.input[0] ?? ""));
  if (!condition) {
    unsupported(
      node,
      "the condition of this If depends on what is fed",
      "export the model so that its course does not depend on values, for example with torch.where",
    );
  }
  const branch = bodyOf(node, Number(condition.data[0]) !== 0 ? "then_branch" : "else_branch");
  const inner = new Scope(scope);
  const outputs = branch.output.map(
    ({ name }, index) => [name, scope.resolve(node.output[index] ?? "")] as const,
  );
  const made = new Set(branch.node.flatMap(({ output }) => output));
  for (const [name, flat] of outputs) if (made.has(name) && flat !== "") inner.set(name, flat);
  decoder.addBody(branch, inner);
  for (const [name, flat] of outputs)
    if (!made.has(name) && flat !== "") decoder.rename(inner.resolve(name), flat);
}

/** The values that come out of a round, by the body's outputs. */
function addRound(decoder: NodeDecoder, body: GraphProto, scope: Scope, inputs: readonly string[]): string[] {
  const inner = new Scope(scope);
  for (const [index, { name }] of body.input.entries()) inner.set(name, inputs[index] ?? "");
  decoder.addBody(body, inner);
  return body.output.map(({ name }) => inner.resolve(name));
}

const axisAttribute = (value: number) => ({ type: "int", value }) as const;

/** One slice of a value along an axis. */
function slice(decoder: NodeDecoder, value: string, axis: number, index: number): string {
  const at: Tensor = { ...int64Tensor([index]), shape: [] };
  const place = decoder.fresh(`${value}.index`);
  decoder.initializers.set(place, at);
  const name = decoder.fresh(`${value}.slice`);
  decoder.push({
    op: "Gather",
    domain: "",
    name,
    inputs: [value, place],
    outputs: [name],
    attributes: { axis: axisAttribute(axis) },
  });
  return name;
}

/** Slices put together along a new axis. */
function stack(decoder: NodeDecoder, slices: readonly string[], axis: number, output: string): void {
  const axes = decoder.fresh(`${output}.axes`);
  decoder.initializers.set(axes, int64Tensor([axis]));
  const rows = slices.map((value) => {
    const name = decoder.fresh(`${value}.row`);
    decoder.push({
      op: "Unsqueeze",
      domain: "",
      name,
      inputs: [value, axes],
      outputs: [name],
      attributes: {},
    });
    return name;
  });
  decoder.push({
    op: "Concat",
    domain: "",
    name: output,
    inputs: rows,
    outputs: [output],
    attributes: { axis: axisAttribute(axis) },
  });
}

/** A Scan over inputs of known length, round by round. */
export function flattenScan(decoder: NodeDecoder, node: NodeProto, scope: Scope): void {
  const body = bodyOf(node, "body");
  const scanned = Number(node.attribute.find(({ name }) => name === "num_scan_inputs")?.i ?? 0n);
  const inputs = node.input.map((name) => scope.resolve(name));
  const states = inputs.length - scanned;
  const { types } = decoder.known();
  const axes = intsOf(node, "scan_input_axes") ?? Array<number>(scanned).fill(0);
  const shape =
    types.get(inputs[states] ?? "")?.shape ?? unsupported(node, "it scans nothing", "export the model again");
  const axisOf = (index: number) => {
    const axis = axes[index] ?? 0;
    const rank = types.get(inputs[states + index] ?? "")?.shape.length ?? 0;
    return axis < 0 ? axis + rank : axis;
  };
  const length = shape[axisOf(0)] ?? 0;
  const backward = intsOf(node, "scan_input_directions") ?? [];
  let carried = inputs.slice(0, states);
  const rounds: string[][] = [];
  for (let round = 0; round < length; round++) {
    const slices = inputs
      .slice(states)
      .map((value, index) =>
        slice(decoder, value, axisOf(index), backward[index] ? length - 1 - round : round),
      );
    const results = addRound(decoder, body, scope, [...carried, ...slices]);
    carried = results.slice(0, states);
    rounds.push(results.slice(states));
  }
  const outputAxes = intsOf(node, "scan_output_axes") ?? [];
  const reversed = intsOf(node, "scan_output_directions") ?? [];
  finish(decoder, node, scope, carried, (index) => {
    const order = reversed[index] ? rounds.toReversed() : rounds;
    return { slices: order.map((results) => results[index] as string), axis: outputAxes[index] ?? 0 };
  });
}

/** A Loop whose number of rounds is known, and that does not end before. */
export function flattenLoop(decoder: NodeDecoder, node: NodeProto, scope: Scope): void {
  const body = bodyOf(node, "body");
  const { constants } = decoder.known();
  const constant = (name: string | undefined) => (name ? constants.get(scope.resolve(name)) : undefined);
  const [count, going] = [constant(node.input[0]), constant(node.input[1])];
  const isOpen = (node.input[1] ?? "") === "" || (going !== undefined && Number(going.data[0]) !== 0);
  if (!count || !isOpen) {
    unsupported(
      node,
      "how often this Loop goes round depends on what is fed",
      "export the model with a fixed number of rounds, so that the loop can be unrolled",
    );
  }
  let carried = node.input.slice(2).map((name) => scope.resolve(name));
  const rounds: string[][] = [];
  const condition = decoder.fresh("loop.condition");
  decoder.initializers.set(condition, { dtype: "bool", shape: [], data: Uint8Array.of(1) });
  for (let round = 0; round < Number(count.data[0]); round++) {
    const number = decoder.fresh("loop.round");
    decoder.initializers.set(number, { ...int64Tensor([round]), shape: [] });
    const [next = "", ...results] = addRound(decoder, body, scope, [number, condition, ...carried]);
    if (!staysOpen(decoder, next))
      unsupported(node, "this Loop may end early", "export the model with a fixed number of rounds");
    carried = results.slice(0, carried.length);
    rounds.push(results.slice(carried.length));
  }
  finish(decoder, node, scope, carried, (index) => ({
    slices: rounds.map((results) => results[index] as string),
    axis: 0,
  }));
}

function staysOpen(decoder: NodeDecoder, condition: string): boolean {
  const value = decoder.initializers.get(condition) ?? decoder.known().constants.get(condition);
  return value !== undefined && Number(value.data[0]) !== 0;
}

/** Names what came out of the last round, and puts together what came out of all. */
function finish(
  decoder: NodeDecoder,
  node: NodeProto,
  scope: Scope,
  carried: readonly string[],
  collected: (index: number) => { readonly slices: readonly string[]; readonly axis: number },
): void {
  node.output.forEach((name, index) => {
    if (name === "") return;
    const flat = scope.resolve(name);
    const last = carried[index];
    if (last !== undefined) {
      decoder.rename(last, flat);
      return;
    }
    const { slices, axis } = collected(index - carried.length);
    stack(decoder, slices, axis, flat);
  });
}
