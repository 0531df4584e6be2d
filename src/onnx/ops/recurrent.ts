import type { TensorType } from "../graph.ts";
import { type InferContext, input, intAttribute, type OpInfo, type } from "./op-info.ts";

/** Y [time, directions, batch, hidden], Y_h (and Y_c) [directions, batch, hidden]; layout 0 only. */
function cell(states: number): (c: InferContext) => readonly TensorType[] {
  return (c) => {
    const [x, recurrence] = [input(c, 0), input(c, 2)];
    if (intAttribute(c, "layout", 0) !== 0) c.fail("layout 1 is not supported; transpose to time first");
    const [time = 0, batch = 0] = x.shape;
    const [directions = 0, , hidden = 0] = recurrence.shape;
    const state = type(x.dtype, [directions, batch, hidden]);
    return [type(x.dtype, [time, directions, batch, hidden]), ...Array<TensorType>(states).fill(state)].slice(
      0,
      c.outputCount,
    );
  };
}

const common = {
  activation_alpha: "floats",
  activation_beta: "floats",
  activations: "strings",
  clip: "float",
  direction: "string",
  hidden_size: "int",
  layout: "int",
} as const;

export const recurrentOps = {
  GRU: { attributes: { ...common, linear_before_reset: "int" }, infer: cell(1) },
  LSTM: { attributes: { ...common, input_forget: "int" }, infer: cell(2) },
  RNN: { attributes: common, infer: cell(1) },
} as const satisfies Record<string, OpInfo>;
