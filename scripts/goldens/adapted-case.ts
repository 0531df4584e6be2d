import { type AdaptedGraph, addLoraAdapters, loraModulesOf, parseLoraConfig } from "../../src/lora/index.ts";
import type { ForecastModel } from "../../src/models/index.ts";
import { float32Tensor, type Tensor } from "../../src/onnx/index.ts";
import { type LossKind, layoutParameters, lossKinds, type ParameterLayout } from "../../src/train/index.ts";
import { type GoldenCase, loadCaseModel, tensorsUnder } from "./case.ts";
import { selectSteps } from "./case-loss.ts";
import { feedsFor } from "./forward.ts";

/** A case's model with the case's adapter in it: the parts that gradients and curves share. */
export class AdaptedCase {
  readonly model: ForecastModel;
  readonly initial: ReadonlyMap<string, Tensor>;
  readonly layout: ParameterLayout;
  readonly targets: readonly string[];
  readonly #golden: GoldenCase;

  constructor(golden: GoldenCase, channels: number) {
    this.#golden = golden;
    this.model = loadCaseModel(golden);
    this.initial = tensorsUnder(golden, "initial.");
    const { graph, trainable, report } = this.forward(1, channels);
    this.targets = report.targets.map(({ path }) => path);
    this.layout = layoutParameters(graph.initializers, trainable);
  }

  get loss(): LossKind {
    const loss = lossKinds.find((kind) => kind === this.#golden.loss);
    if (!loss) throw new Error(`the loss '${this.#golden.loss}' is not known here`);
    return loss;
  }

  /** The forward graph with the adapter for a batch; no dropout. */
  forward(batch: number, channels: number, tensors = this.initial): AdaptedGraph {
    const config = parseLoraConfig({ peft_type: "LORA", ...this.#golden.lora });
    const base = this.model.build({ batch, channels, training: false });
    return addLoraAdapters(base, loraModulesOf(this.model), config, { tensors, training: false });
  }

  /** Feeds of a gradient graph, but for the parameters. */
  feeds(inputs: ReadonlyMap<string, Tensor>, share = 1): Record<string, Tensor> {
    const past = inputs.get("past_values") as Tensor;
    const [batch, , channels] = past.shape as [number, number, number];
    const future = selectSteps(inputs.get("future_values") as Tensor, this.model.predictionLength, null);
    const graph = this.model.build({ batch, channels, training: false });
    return {
      ...feedsFor(graph, this.model, inputs),
      future_values: future,
      future_mask: float32Tensor(future.shape, new Float32Array(future.data.length).fill(1)),
      inverse_count: float32Tensor([], [share / future.data.length]),
    };
  }

  /** Layers and number of trained values, where they differ from what the case states. */
  compareLayers(): string[] {
    const { resolved_targets: targets, trainable_parameters: trainable } = this.#golden;
    const faults: string[] = [];
    if (Array.isArray(targets) && [...targets].sort().join() !== [...this.targets].sort().join())
      faults.push(`expected the layers ${targets.join(", ")}, got ${this.targets.join(", ")}`);
    if (trainable !== undefined && trainable !== this.layout.size)
      faults.push(`expected ${trainable} trainable parameters, got ${this.layout.size}`);
    return faults;
  }
}
