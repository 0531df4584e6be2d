import { type AdaptedGraph, addLoraAdapters, loraModulesOf, parseLoraConfig } from "../../src/lora/index.ts";
import type { ForecastModel } from "../../src/models/index.ts";
import type { Tensor } from "../../src/onnx/index.ts";
import {
  buildGradientGraph,
  type GradientGraph,
  type LossKind,
  layoutParameters,
  type ParameterLayout,
} from "../../src/train/index.ts";
import { type GoldenCase, loadCaseModel, tensorsUnder } from "./case.ts";
import { feedsFor, forecastCase, lossOf } from "./case-loss.ts";
import { caseTarget, targetFeeds } from "./case-target.ts";
import type { Inputs } from "./families.ts";
import { buildFor } from "./forward.ts";

/** A case's model with the case's adapter in it: the parts that gradients and curves share. */
export class AdaptedCase {
  readonly model: ForecastModel;
  readonly initial: ReadonlyMap<string, Tensor>;
  readonly layout: ParameterLayout;
  readonly targets: readonly string[];
  readonly #golden: GoldenCase;

  /** @param inputs  any batch of the case: it decides the shapes */
  constructor(golden: GoldenCase, inputs: Inputs) {
    this.#golden = golden;
    this.model = loadCaseModel(golden);
    this.initial = tensorsUnder(golden, "initial.");
    const { graph, trainable, report } = this.forward(inputs);
    this.targets = report.targets.map(({ path }) => path);
    this.layout = layoutParameters(graph.initializers, trainable);
  }

  get loss(): LossKind {
    const loss = lossOf(this.#golden);
    if (!loss) throw new Error("the case names no loss");
    return loss;
  }

  /** The forward graph with the adapter for the shapes of a batch; no dropout. */
  forward(inputs: Inputs, tensors = this.initial): AdaptedGraph {
    const config = parseLoraConfig({ peft_type: "LORA", ...this.#golden.lora });
    const modules = loraModulesOf(this.model);
    return addLoraAdapters(buildFor(this.model, inputs), modules, config, { tensors, training: false });
  }

  /** The gradient graph for the shapes of a batch. */
  gradientGraph(inputs: Inputs): GradientGraph {
    const { graph: forward, stopGradients } = this.forward(inputs);
    const { layout, loss, model } = this;
    return buildGradientGraph({ forward, layout, loss, quantiles: model.quantiles, stopGradients });
  }

  /** Feeds of a gradient graph, but for the parameters. */
  feeds(inputs: Inputs, share = 1): Record<string, Tensor> {
    const target = caseTarget(this.#golden.family, this.model, inputs);
    if (!target) throw new Error("the case has no target");
    return { ...feedsFor(buildFor(this.model, inputs), this.model, inputs), ...targetFeeds(target, share) };
  }

  /** `expected.predictions` and `expected.loss` with the adapter's tensors. */
  forecast(inputs: Inputs, tensors = this.initial): ReturnType<typeof forecastCase> {
    return forecastCase(this.#golden, this.model, this.forward(inputs, tensors).graph, inputs);
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
