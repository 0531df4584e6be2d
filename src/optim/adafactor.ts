import type { GraphBuilder } from "../onnx/index.ts";
import { type Optimizer, scaledBy, type UpdateInputs } from "./optimizer.ts";

export interface AdafactorOptions {
  /** Exponent of the decay of the second moment: β₂ₜ = 1 − tᵉ. */
  readonly decayRate: number;
  /** Added to the squared gradient. */
  readonly eps: number;
  /** An update whose root mean square is larger is scaled down to it. */
  readonly clipThreshold: number;
  readonly weightDecay: number;
  /** Where each trained tensor lies in the flat vector. */
  readonly slots: readonly {
    readonly shape: readonly number[];
    readonly offset: number;
    readonly size: number;
  }[];
}

/**
 * Adafactor without relative steps and without momentum: for a matrix the second moment is kept as one row and one
 * column, r and c, which is what it is for. The state is one flat vector all the same, for it is small here; a matrix
 * uses its first in + out places.
 *
 *     R ← β₂R + (1−β₂)·mean_columns(g² + ε)     C ← β₂C + (1−β₂)·mean_rows(g² + ε)
 *     v = R·Cᵀ / mean(R)        u = g/√v,  u ← u / max(1, rms(u)/d)        p ← p·(1 − lr·wd) − lr·u
 *
 * @see Shazeer & Stern 2018, algorithm 4; transformers Adafactor(relative_step=False, scale_parameter=False)
 */
export function adafactor(options: AdafactorOptions): Optimizer {
  const { decayRate, weightDecay, slots } = options;
  return {
    name: "adafactor",
    state: ["moments"],
    scalars: ["beta2", "one_minus_beta2", "learning_rate", "decay"],
    scalarValues: ({ index, learningRate }) => {
      const beta2 = 1 - index ** decayRate;
      return {
        beta2,
        one_minus_beta2: 1 - beta2,
        learning_rate: learningRate,
        decay: learningRate * weightDecay,
      };
    },
    update: (b, inputs) => {
      const cut = (value: string) => {
        const sizes = slots.map(({ size }) => size);
        return sizes.length === 1
          ? [value]
          : b.ops("Split", [value, b.integers(sizes)], { axis: 0 }, { outputs: sizes.length });
      };
      const [gradients, moments] = [cut(inputs.gradient), cut(inputs.state["moments"] as string)];
      const parts = slots.map(({ shape, size }, index) => {
        const gradient = gradients[index] as string;
        const moment = moments[index] as string;
        return shape.length === 2
          ? factored(b, b.reshape(gradient, shape), { moment, size, inputs, options })
          : unfactored(b, gradient, { moment, size, inputs, options });
      });
      const join = (values: readonly string[]) =>
        values.length === 1 ? (values[0] as string) : b.op("Concat", values, { axis: 0 });
      const update = join(parts.map((part) => part.update));
      const step = scaledBy(
        b,
        b.op("Mul", [update, inputs.scalars["learning_rate"] as string]),
        inputs.rateFactors,
      );
      const decay = scaledBy(
        b,
        scaledBy(b, inputs.scalars["decay"] as string, inputs.rateFactors),
        inputs.decayFactors,
      );
      const kept = b.op("Mul", [inputs.parameters, b.op("Sub", [b.scalar(1), decay])]);
      return {
        parameters: b.op("Sub", [kept, step]),
        state: { moments: join(parts.map((part) => part.moment)) },
      };
    },
  };
}

interface Part {
  readonly moment: string;
  readonly size: number;
  readonly inputs: UpdateInputs;
  readonly options: AdafactorOptions;
}

/** β₂·old + (1−β₂)·fresh. */
function averaged(b: GraphBuilder, old: string, fresh: string, { scalars }: UpdateInputs): string {
  const kept = b.op("Mul", [old, scalars["beta2"] as string]);
  return b.op("Add", [kept, b.op("Mul", [fresh, scalars["one_minus_beta2"] as string])]);
}

function squared(b: GraphBuilder, gradient: string, eps: number): string {
  return b.op("Add", [b.op("Mul", [gradient, gradient]), b.scalar(eps)]);
}

/** u / max(1, rms(u)/d). */
function limited(b: GraphBuilder, update: string, threshold: number): string {
  const rms = b.op("Sqrt", [b.op("ReduceMean", [b.op("Mul", [update, update])], { keepdims: 0 })]);
  return b.op("Div", [update, b.op("Max", [b.op("Mul", [rms, b.scalar(1 / threshold)]), b.scalar(1)])]);
}

function factored(b: GraphBuilder, gradient: string, { moment, size, inputs, options }: Part) {
  const [rows = 0, columns = 0] = b.shape(gradient);
  const rest = size - rows - columns;
  const sizes = rest > 0 ? [rows, columns, rest] : [rows, columns];
  const fits = rest >= 0;
  if (!fits) return unfactored(b, b.reshape(gradient, [size]), { moment, size, inputs, options });
  const [oldRow, oldColumn, unused] = b.ops(
    "Split",
    [moment, b.integers(sizes)],
    { axis: 0 },
    { outputs: sizes.length },
  );
  const square = squared(b, gradient, options.eps);
  const mean = (axis: number) => b.op("ReduceMean", [square, b.integers([axis])], { keepdims: 0 });
  const row = averaged(b, oldRow as string, mean(1), inputs);
  const column = averaged(b, oldColumn as string, mean(0), inputs);
  const rowShare = b.op("Div", [row, b.op("ReduceMean", [row], { keepdims: 1 })]);
  const v = b.op("Mul", [b.reshape(rowShare, [rows, 1]), b.reshape(column, [1, columns])]);
  const update = limited(b, b.op("Div", [gradient, b.op("Sqrt", [v])]), options.clipThreshold);
  const kept = unused === undefined ? [row, column] : [row, column, unused];
  return { update: b.reshape(update, [size]), moment: b.op("Concat", kept, { axis: 0 }) };
}

function unfactored(b: GraphBuilder, gradient: string, { moment, inputs, options }: Part) {
  const next = averaged(b, moment, squared(b, gradient, options.eps), inputs);
  const update = limited(b, b.op("Div", [gradient, b.op("Sqrt", [next])]), options.clipThreshold);
  return { update, moment: next };
}
