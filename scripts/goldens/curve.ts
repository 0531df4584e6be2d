import { z } from "zod";
import { loraPlusFactors } from "../../src/lora/index.ts";
import { float32Tensor, type Tensor } from "../../src/onnx/index.ts";
import {
  adamW,
  buildUpdateGraph,
  constantSchedule,
  cosineSchedule,
  linearSchedule,
  type Optimizer,
  oneCycleSchedule,
  type Schedule,
  sgd,
} from "../../src/optim/index.ts";
import { createSession, type Session } from "../../src/runtime/index.ts";
import { PARAMETERS, packParameters, unpackParameters } from "../../src/train/index.ts";
import { AdaptedCase } from "./adapted-case.ts";
import { type GoldenCase, type ReplayResult, readCase, replay } from "./case.ts";
import { numbers } from "./case-loss.ts";
import { caseInputs, WindowSource } from "./case-windows.ts";
import { compareResults } from "./compare.ts";
import type { Inputs } from "./families.ts";

const trainingSpec = z.looseObject({
  optimizer: z.looseObject({
    name: z.enum(["adamw", "sgd"]),
    lr: z.number(),
    betas: z.tuple([z.number(), z.number()]).optional(),
    eps: z.number().optional(),
    momentum: z.number().optional(),
    weight_decay: z.number(),
    loraplus_lr_ratio: z.number().optional(),
  }),
  schedule: z.looseObject({
    name: z.enum(["constant", "warmup-cosine", "warmup-linear", "one-cycle"]),
    warmup_steps: z.int().optional(),
    max_lr: z.number().optional(),
  }),
  steps: z.int(),
  accumulate: z.int(),
  clip_norm: z.number().nullable(),
  batches: z.array(z.array(z.int())),
});

type TrainingSpec = z.infer<typeof trainingSpec>;

/** Replays a golden of kind `curve`: every step's loss, norm and rate, the trained values, and held-out predictions. */
export async function replayCurve(caseFolder: string): Promise<ReplayResult> {
  const golden = await readCase(caseFolder);
  return replay(async () => {
    const spec = trainingSpec.parse(golden["training"]);
    const windows = await batchSource(golden);
    const adapted = new AdaptedCase(golden, windows(spec.batches[0] ?? []));
    const run = new Curve(golden, spec, adapted, windows);
    return [...adapted.compareLayers(), ...compareResults(golden, await run.results())];
  });
}

type Windows = (rows: readonly number[]) => Inputs;

/** Batches by window starts, or by rows of inputs that lie in the case. */
async function batchSource(golden: GoldenCase): Promise<Windows> {
  if (golden.data) {
    const source = await WindowSource.open(golden.data, golden.folder);
    return (starts) => {
      const { past, future } = source.windows(starts);
      return new Map([
        ["past_values", past],
        ["future_values", future],
      ]);
    };
  }
  const inputs = await caseInputs(golden);
  return (rows) => new Map([...inputs].map(([name, tensor]) => [name, takeRows(tensor, rows)]));
}

function takeRows(tensor: Tensor, rows: readonly number[]): Tensor {
  const size = tensor.data.length / (tensor.shape[0] ?? 1);
  const data = Float32Array.from({ length: rows.length * size }, (_, index) => {
    return Number(tensor.data[(rows[Math.floor(index / size)] as number) * size + (index % size)]);
  });
  return float32Tensor([rows.length, ...tensor.shape.slice(1)], data);
}

class Curve {
  readonly #golden: GoldenCase;
  readonly #spec: TrainingSpec;
  readonly #adapted: AdaptedCase;
  readonly #windows: Windows;
  readonly #optimizer: Optimizer;
  readonly #schedule: Schedule;
  readonly #sessions = new Map<number, Session>();
  readonly #losses: number[] = [];
  readonly #norms: number[] = [];
  readonly #rates: number[] = [];
  readonly #betas: number[] = [];
  #parameters: Float32Array;
  #state: Record<string, Float32Array>;

  constructor(golden: GoldenCase, spec: TrainingSpec, adapted: AdaptedCase, windows: Windows) {
    this.#golden = golden;
    this.#spec = spec;
    this.#adapted = adapted;
    this.#windows = windows;
    this.#optimizer = optimizerOf(spec);
    this.#schedule = scheduleOf(spec);
    const { layout, initial } = adapted;
    this.#parameters = packParameters(layout, initial);
    this.#state = Object.fromEntries(
      this.#optimizer.state.map((name) => [name, new Float32Array(layout.size)]),
    );
  }

  async results(): Promise<ReadonlyMap<string, ArrayLike<number>>> {
    const { accumulate, steps, batches } = this.#spec;
    const update = await this.#updateSession();
    for (let step = 0; step < steps; step++) {
      await this.#step(step, batches.slice(step * accumulate, (step + 1) * accumulate), update);
    }
    const final = unpackParameters(this.#adapted.layout, this.#parameters);
    return new Map<string, ArrayLike<number>>([
      ["expected.losses", this.#losses],
      ["expected.grad_norms", this.#norms],
      ["expected.learning_rates", this.#rates],
      ["expected.beta1", this.#betas],
      ...[...final].map(([name, tensor]) => [`expected.final.${name}`, numbers(tensor)] as const),
      ...(await this.#held(final)),
    ]);
  }

  async #step(step: number, microBatches: readonly (readonly number[])[], update: Session): Promise<void> {
    const { layout } = this.#adapted;
    const gradient = new Float32Array(layout.size);
    let loss = 0;
    for (const rows of microBatches) {
      const inputs = this.#windows(rows);
      const session = await this.#gradientSession(rows.length, inputs);
      const parameters = float32Tensor([layout.size], this.#parameters);
      const outputs = await session.run({
        ...this.#adapted.feeds(inputs, 1 / microBatches.length),
        [PARAMETERS]: parameters,
      });
      loss += Number(outputs["loss"]?.data[0]);
      numbers(outputs["gradient"]).forEach((value, index) => {
        (gradient[index] as number) += value;
      });
    }
    const rate = this.#schedule(step);
    const scalars = this.#optimizer.scalarValues({ index: step + 1, ...rate });
    const vector = (data: Float32Array) => float32Tensor([layout.size], data);
    const outputs = await update.run({
      parameters: vector(this.#parameters),
      gradient_0: vector(gradient),
      ...Object.fromEntries(
        Object.entries(this.#state).map(([name, data]) => [`state_${name}`, vector(data)]),
      ),
      ...Object.fromEntries(
        Object.entries(scalars).map(([name, value]) => [name, float32Tensor([], [value])]),
      ),
    });
    this.#parameters = outputs["next_parameters"]?.data as Float32Array;
    this.#state = Object.fromEntries(
      this.#optimizer.state.map((name) => [name, outputs[`next_state_${name}`]?.data as Float32Array]),
    );
    this.#losses.push(loss);
    this.#norms.push(Number(outputs["grad_norm"]?.data[0]));
    this.#rates.push(rate.learningRate);
    this.#betas.push(rate.beta1 ?? this.#spec.optimizer.betas?.[0] ?? 0);
  }

  /** One session per batch size: the shapes are static. */
  async #gradientSession(size: number, inputs: Inputs): Promise<Session> {
    const known = this.#sessions.get(size);
    if (known) return known;
    const session = await createSession(this.#adapted.gradientGraph(inputs).graph);
    this.#sessions.set(size, session);
    return session;
  }

  #updateSession(): Promise<Session> {
    const { layout } = this.#adapted;
    const { loraplus_lr_ratio: ratio } = this.#spec.optimizer;
    return createSession(
      buildUpdateGraph({
        size: layout.size,
        optimizer: this.#optimizer,
        clipNorm: this.#spec.clip_norm,
        ...(ratio === undefined ? {} : loraPlusFactors(layout.slots, ratio)),
      }),
    );
  }

  #held(final: ReadonlyMap<string, Tensor>): Promise<[string, ArrayLike<number>][]> {
    const rows = this.#golden.data?.held_starts ?? z.array(z.int()).parse(this.#golden["held_rows"]);
    return this.#adapted.forecast(this.#windows(rows), final);
  }
}

function optimizerOf({ optimizer }: TrainingSpec): Optimizer {
  const { weight_decay: weightDecay, betas = [0.9, 0.999], eps = 1e-8, momentum = 0 } = optimizer;
  return optimizer.name === "adamw" ? adamW({ betas, eps, weightDecay }) : sgd({ momentum, weightDecay });
}

function scheduleOf({ schedule, steps, optimizer }: TrainingSpec): Schedule {
  const options = { learningRate: optimizer.lr, totalSteps: steps, warmupSteps: schedule.warmup_steps ?? 0 };
  switch (schedule.name) {
    case "constant":
      return constantSchedule(optimizer.lr);
    case "warmup-cosine":
      return cosineSchedule(options);
    case "warmup-linear":
      return linearSchedule(options);
    case "one-cycle":
      return oneCycleSchedule({ maxLearningRate: schedule.max_lr ?? optimizer.lr, totalSteps: steps });
  }
}
