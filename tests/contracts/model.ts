import { describe, expect, it } from "vitest";
import type { BuildOptions, ForecastModel } from "../../src/models/index.ts";
import { float32Tensor, type Graph, type Node, type Tensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";

export interface ModelContract {
  /** Makes the model; called once per case. */
  readonly create: () => ForecastModel;
  /** Columns to feed. Where the model mixes channels, the number it is bound to. */
  readonly channels: number;
  /** Whether a channel's forecast depends on the other ones. */
  readonly mixesChannels: boolean;
}

/** What every forecasting model must satisfy. Rates of dropout must be above 0 in its configuration. */
export function describeModelContract(
  name: string,
  { create, channels, mixesChannels }: ModelContract,
): void {
  const build = (model: ForecastModel, options: Partial<BuildOptions> = {}) =>
    model.build({ batch: 3, channels, training: false, ...options });

  describe(`${name} keeps the contract of a model`, () => {
    it.each([1, 2, 5])("takes and gives the shapes it says for a batch of %i", (batch) => {
      const model = create();
      const graph = build(model, { batch, withMask: true });
      const forecast = model.predictionChannels?.length ?? channels;
      const steps = [model.predictionLength, forecast];
      const window = [batch, model.contextLength, channels];
      expect(inputShape(graph, "past_values")).toEqual(window);
      expect(inputShape(graph, "past_observed_mask")).toEqual(window);
      expect(graph.outputs).toEqual([
        { name: "predictions", dtype: "float32", shape: [batch, ...steps] },
        ...(model.quantiles
          ? [{ name: "quantiles", dtype: "float32", shape: [batch, model.quantiles.length, ...steps] }]
          : []),
      ]);
    });

    it("forecasts a window the same alone and in a batch", async () => {
      const model = create();
      const [whole, single] = [build(model), build(model, { batch: 1 })];
      const feeds = feedsOf(whole);
      const together = await predict(whole, feeds);
      for (const window of [0, 2]) {
        const alone = await predict(single, oneWindow(feeds, window));
        expectClose(alone, part(together, window, 3));
      }
    });

    it.skipIf(mixesChannels)("keeps channels in order and apart", async () => {
      const model = create();
      const order = [...Array(channels).keys()].reverse();
      const graph = build(model);
      const feeds = feedsOf(graph);
      const forward = await predict(graph, feeds);
      const swapped = await predict(graph, { ...feeds, past_values: reorder(feeds["past_values"], order) });
      expectClose(swapped, [...(reorder(tensorLike(forward, channels), order).data as Float32Array)]);
    });

    it("reads a mask of ones as no mask, and the last rows of a longer window", async () => {
      const model = create();
      const plain = build(model);
      const feeds = feedsOf(plain);
      const expected = await predict(plain, feeds);
      const ones = { ...feeds, past_observed_mask: filled(feeds["past_values"], 1) };
      expectClose(await predict(build(model, { withMask: true }), ones), expected);
      const longer = { ...feeds, past_values: withRowsInFront(feeds["past_values"], 7) };
      expectClose(await predict(build(model, { contextLength: model.contextLength + 7 }), longer), expected);
    });

    it("keeps every weight that it uses under its name", () => {
      const model = create();
      const { initializers } = build(model);
      for (const [weight, tensor] of model.weights) {
        if (weight.endsWith("num_batches_tracked")) continue;
        expect(initializers.get(weight), weight).toBe(tensor);
      }
    });

    it("describes its linear layers by their weights and modules", () => {
      const { linearModules, weights, modules, targetPresets } = create();
      const paths = linearModules.map((module) => module.path);
      for (const { path, weight, bias, inFeatures, outFeatures } of linearModules) {
        expect(weights.get(weight)?.shape, path).toEqual([outFeatures, inFeatures]);
        if (bias !== null) expect(weights.get(bias)?.shape, path).toEqual([outFeatures]);
        expect(modules).toContain(path);
      }
      for (const targets of Object.values(targetPresets))
        expect(paths).toEqual(expect.arrayContaining([...targets]));
      expect(new Set(modules).size).toBe(modules.length);
    });

    it("differs in training by Dropout nodes only", () => {
      const model = create();
      const training = build(model, { training: true });
      expect(training.nodes.some((node) => node.op === "Dropout")).toBe(true);
      expect(canonical(withoutDropout(training))).toEqual(canonical(build(model)));
      const off = build(model, { training: true, dropout: { dropout: 0, headDropout: 0 } });
      expect(canonical(off)).toEqual(canonical(build(model)));
    });

    it("builds the same graph twice", () => {
      const [first, second] = [create(), create()].map((model) => build(model, { training: true }));
      expect(first).toEqual(second);
    });
  });
}

function inputShape(graph: Graph, name: string): readonly number[] | undefined {
  return graph.inputs.find((input) => input.name === name)?.shape;
}

/** Smooth, distinct values for every float input; zeros for tokens. */
function feedsOf(graph: Graph): Record<string, Tensor> {
  return Object.fromEntries(
    graph.inputs.map(({ name, dtype, shape }) => {
      const count = shape.reduce((product, size) => product * size, 1);
      if (dtype !== "float32") return [name, { dtype, shape, data: new BigInt64Array(count) }];
      return [
        name,
        float32Tensor(
          shape,
          Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.37) + (i % 5)),
        ),
      ];
    }),
  );
}

async function predict(graph: Graph, feeds: Record<string, Tensor>): Promise<number[]> {
  const { predictions } = await evaluate(graph, feeds);
  return Array.from(predictions?.data as Float32Array);
}

function expectClose(got: readonly number[], expected: readonly number[]): void {
  const scale = Math.max(...expected.map(Math.abs));
  const worst = got.reduce(
    (top, value, index) => Math.max(top, Math.abs(value - (expected[index] ?? Number.NaN))),
    0,
  );
  expect(got.length).toBe(expected.length);
  expect(worst).toBeLessThanOrEqual(1e-5 * scale);
}

function part<T>(values: readonly T[], index: number, parts: number): T[] {
  const size = values.length / parts;
  return values.slice(index * size, (index + 1) * size);
}

function oneWindow(feeds: Record<string, Tensor>, window: number): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, shape, data }]) => {
      const size = data.length / (shape[0] ?? 1);
      return [name, { dtype, shape: shape.with(0, 1), data: data.slice(window * size, (window + 1) * size) }];
    }),
  );
}

function tensorLike(values: readonly number[], channels: number): Tensor {
  return float32Tensor([values.length / channels, channels], values);
}

/** The channels (last axis) in another order. */
function reorder(tensor: Tensor | undefined, order: readonly number[]): Tensor {
  const { shape, data } = tensor as Tensor;
  const size = order.length;
  const moved = Float32Array.from(data as Float32Array, (_, index) => {
    const channel = order[index % size] ?? 0;
    return Number(data[index - (index % size) + channel]);
  });
  return float32Tensor(shape, moved);
}

function filled(like: Tensor | undefined, value: number): Tensor {
  const { shape, data } = like as Tensor;
  return float32Tensor(shape, new Float32Array(data.length).fill(value));
}

function withRowsInFront(tensor: Tensor | undefined, rows: number): Tensor {
  const { shape, data } = tensor as Tensor;
  const [batch = 0, length = 0, channels = 0] = shape;
  const longer = new Float32Array(batch * (length + rows) * channels).fill(99);
  for (let window = 0; window < batch; window++) {
    const own = (data as Float32Array).subarray(window * length * channels, (window + 1) * length * channels);
    longer.set(own, (window * (length + rows) + rows) * channels);
  }
  return float32Tensor([batch, length + rows, channels], longer);
}

/** The graph with every Dropout node bridged. */
function withoutDropout(graph: Graph): Graph {
  const bridged = new Map<string, string>();
  const nodes = graph.nodes.flatMap((node) => {
    const inputs = node.inputs.map((name) => bridged.get(name) ?? name);
    if (node.op !== "Dropout") return [{ ...node, inputs }];
    bridged.set(node.outputs[0] ?? "", inputs[0] ?? "");
    return [];
  });
  return { ...graph, nodes };
}

/** Nodes in order with values numbered by their first appearance, and constants by what they hold. */
function canonical(graph: Graph): unknown[] {
  const names = new Map<string, string>();
  const nameOf = (name: string) => {
    const constant = graph.initializers.get(name);
    if (constant)
      return `${constant.dtype}[${constant.shape}]${name.startsWith("constant_") ? constant.data : name}`;
    const known = names.get(name) ?? `v${names.size}`;
    names.set(name, known);
    return known;
  };
  return graph.nodes.map((node: Node) => [
    node.op,
    node.inputs.map(nameOf),
    node.outputs.map(nameOf),
    node.attributes,
  ]);
}
