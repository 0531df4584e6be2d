import {
  eliminateDeadCode,
  float32Tensor,
  type Graph,
  GraphBuilder,
  inlineGraph,
  type Tensor,
  type ValueInfo,
} from "../onnx/index.ts";
import type { Schedule } from "../optim/index.ts";
import type { DropoutMask } from "./dropout.ts";
import type { EngineOptions } from "./engine.ts";
import { TrainError } from "./errors.ts";
import { buildGradientGraph } from "./gradient-graph.ts";
import { joinStep } from "./join-step.ts";
import type { StateSlot } from "./loss-scaling.ts";
import { PARAMETERS } from "./parameters.ts";
import { prepareUpdate } from "./prepare-workers.ts";
import { isCarried, scanSteps } from "./scan-steps.ts";

/** Name of the state that counts steps. */
const STEP = "step";

export type ExportStepOptions = Pick<
  EngineOptions,
  | "buildForward"
  | "clipNorm"
  | "clipValue"
  | "constants"
  | "decayFactors"
  | "disabledPasses"
  | "layout"
  | "loss"
  | "optimizer"
  | "precision"
  | "quantiles"
  | "rateFactors"
  | "stepsPerRun"
  | "stopGradients"
> & {
  /** Windows of a batch; one of fewer is filled up, and `future_mask` is 0 there. */
  readonly batchSize: number;
  /** Whether the graph has inputs for dropout's masks. */
  readonly dropout: boolean;
  readonly schedule: Schedule;
  /** Steps that the schedule is written out for; later ones keep the last one's rate. */
  readonly totalSteps: number;
};

/** A value of the graph's signature, and what it is for. */
export type StepValue = ValueInfo &
  (
    | {
        /** Goes from run to run. */
        readonly role: "state";
        /** The output that is fed here in the next run. */
        readonly next: string;
        /** What all of its values are before the first run; null for the parameters, which have a file. */
        readonly initial: number | null;
      }
    | { readonly role: "data" }
    | {
        readonly role: "dropout_mask";
        /** Share of its values that should be true. */
        readonly keep: number;
      }
  );

/** A whole train step as one graph that needs nothing from outside but data. */
export interface StepProduct {
  readonly graph: Graph;
  readonly inputs: readonly StepValue[];
  /** Results that are no state: `loss` and `grad_norm`. */
  readonly results: readonly ValueInfo[];
}

/**
 * The step for anybody who runs ONNX. Beside the parameters and the optimizer's state it carries the number of steps
 * taken, by which it looks up the schedule's rate and the optimizer's corrections in a table of its own; and it counts the
 * observed targets itself. So a caller feeds data and state, and hands the state on.
 *
 *     next = run({ ...state, past_values, future_values, future_mask })       past_values [batch, time, channel]
 *
 * With `stepsPerRun` above 1 every data input has an axis in front, of the steps of a run.
 *
 * @throws {TrainError} TRAIN_NOT_EXPORTABLE for a schedule that follows the validation losses
 */
export function exportStep(options: ExportStepOptions): StepProduct {
  const { batchSize, stepsPerRun = 1, layout } = options;
  if (options.schedule.followsLosses) throw needsLosses();
  const { graph: gradient, masks } = buildGradientGraph({
    ...options,
    forward: options.buildForward(batchSize, options.dropout),
  });
  const { update, state } = prepareUpdate(options);
  const step = selfContained(joinStep({ gradient, update }), options);
  const graph = stepsPerRun > 1 ? scanSteps(step, stepsPerRun) : step;
  const slots = [
    { name: PARAMETERS, shape: [layout.size], initial: null },
    ...[...state, { name: STEP, shape: [], initial: 0 }].map((slot) => ({
      ...slot,
      name: `state_${slot.name}`,
    })),
  ];
  return {
    graph,
    inputs: graph.inputs.map((value) => describe(value, slots, masks)),
    results: graph.outputs.filter(({ name }) => !name.startsWith("next_")),
  };
}

function needsLosses(): TrainError {
  return new TrainError("TRAIN_NOT_EXPORTABLE", "the schedule follows the validation losses", {
    where: "scheduler",
    fix: "a step that is run elsewhere does not see them: choose another schedule, such as scheduler=cosine",
  });
}

function describe(
  { name, dtype, shape }: ValueInfo,
  slots: readonly (Omit<StateSlot, "initial"> & { readonly initial: number | null })[],
  masks: readonly DropoutMask[],
): StepValue {
  const slot = slots.find((one) => one.name === name);
  if (slot) return { name, dtype, shape, role: "state", next: `next_${name}`, initial: slot.initial };
  const mask = masks.find(({ input }) => input === name);
  return mask
    ? { name, dtype, shape, role: "dropout_mask", keep: 1 - mask.ratio }
    : { name, dtype, shape, role: "data" };
}

/** The joined step with its scalars, counts and constants computed inside. */
function selfContained(step: Graph, options: ExportStepOptions): Graph {
  const { optimizer } = options;
  const b = new GraphBuilder(step.name);
  const constants = options.constants?.(step.inputs) ?? {};
  const isOwn = (name: string) =>
    optimizer.scalars.includes(name) || name === "inverse_count" || Object.hasOwn(constants, name);
  const carried = step.inputs.filter(({ name }) => isCarried(name));
  const data = step.inputs.filter(({ name }) => !isCarried(name) && !isOwn(name));
  for (const { name, dtype, shape } of carried) b.input(name, dtype, shape);
  const taken = b.input(`state_${STEP}`, "float32", []);
  for (const { name, dtype, shape } of data) b.input(name, dtype, shape);
  const observed = b.op("ReduceSum", ["future_mask"], { keepdims: 0 });
  const results = inlineGraph(
    b,
    step,
    {
      ...Object.fromEntries([...carried, ...data].map(({ name }) => [name, name])),
      ...Object.fromEntries(
        Object.entries(constants).map(([name, value]) => [name, b.constant(value as Tensor)]),
      ),
      ...scalarsOf(b, taken, options),
      inverse_count: b.op("Div", [b.scalar(1), b.op("Max", [observed, b.scalar(1)])]),
    },
    "step/",
  );
  const states = step.outputs.filter(({ name }) => name.startsWith("next_"));
  for (const { name } of states) b.output(results[name] as string, name);
  b.output(nextStep(b, taken, results), `next_state_${STEP}`);
  for (const { name } of step.outputs) if (!name.startsWith("next_")) b.output(results[name] as string, name);
  return eliminateDeadCode(b.build());
}

/** A step that was skipped does not count. */
function nextStep(b: GraphBuilder, taken: string, results: Readonly<Record<string, string>>): string {
  const one = b.op("Add", [taken, b.scalar(1)]);
  const skipped = results["next_state_skipped_steps"];
  return skipped === undefined ? one : b.op("Sub", [one, b.op("Sub", [skipped, "state_skipped_steps"])]);
}

/** The optimizer's scalars of a step: rows of a table, computed here in double precision. */
function scalarsOf(
  b: GraphBuilder,
  taken: string,
  { optimizer, schedule, totalSteps }: ExportStepOptions,
): Record<string, string> {
  const { scalars: names } = optimizer;
  const rows = Array.from({ length: Math.max(1, totalSteps) }, (_, step) => {
    const values = optimizer.scalarValues({ index: step + 1, ...schedule(step, []) });
    return names.map((name) => values[name] as number);
  });
  const table = b.constant(float32Tensor([rows.length, names.length], rows.flat()));
  const row = b.cast(b.op("Min", [taken, b.scalar(rows.length - 1)]), "int64");
  const values = b.op("Gather", [table, row], { axis: 0 });
  return Object.fromEntries(
    names.map((name, column) => {
      const index: Tensor = { dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(column)) };
      return [name, b.op("Gather", [values, b.constant(index)], { axis: 0 })];
    }),
  );
}
