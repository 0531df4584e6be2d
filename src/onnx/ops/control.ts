import type { TensorType } from "../graph.ts";
import { type InferContext, input, intAttribute, type OpInfo, type } from "./op-info.ts";

/** Inputs and outputs: the states, then what is scanned along axis 0, one slice a time. */
function inferScan(c: InferContext): readonly TensorType[] {
  const body = c.attributes["body"];
  if (body?.type !== "graph") return c.fail("it has no body");
  const scanned = intAttribute(c, "num_scan_inputs", 0);
  const states = body.value.inputs.length - scanned;
  const length = input(c, states).shape[0] ?? c.fail("a scalar cannot be scanned");
  body.value.inputs.forEach((inner, index) => {
    const outer = input(c, index);
    const shape = index < states ? outer.shape : outer.shape.slice(1);
    if (outer.dtype !== inner.dtype || shape.join() !== inner.shape.join())
      c.fail(`input ${index} does not fit the body's '${inner.name}'`);
    if (index >= states && outer.shape[0] !== length) c.fail("the scanned inputs differ in length");
  });
  return body.value.outputs.map(({ dtype, shape }, index) =>
    type(dtype, index < states ? shape : [length, ...shape]),
  );
}

export const controlOps = {
  Scan: { attributes: { body: "graph", num_scan_inputs: "int" }, infer: inferScan },
} as const satisfies Record<string, OpInfo>;
