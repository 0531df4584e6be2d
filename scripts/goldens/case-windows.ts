import { join } from "node:path";
import { type Dataset, dataSettingsSchema, gatherWindows, loadDataset } from "../../src/data/index.ts";
import { float32Tensor, type Tensor } from "../../src/onnx/index.ts";
import type { DataSpec, GoldenCase } from "./case.ts";
import { familyOf, type Inputs } from "./families.ts";
import { findShared } from "./shared-folder.ts";

/** Every case scales by the mean and population deviation of these rows. */
const scaledBy: [number, number] = [0, 8640];

/** Windows of a case: past [B, context, channels] and future [B, horizon, channels]. */
export interface CaseWindows {
  readonly past: Tensor;
  readonly future: Tensor;
}

/** Builds windows from a dataset, as `case.json` describes them under `data`. */
export class WindowSource {
  readonly #dataset: Dataset;
  readonly #channels: readonly number[];

  private constructor(dataset: Dataset, channels: readonly number[]) {
    this.#dataset = dataset;
    this.#channels = channels;
  }

  static async open(spec: DataSpec, caseFolder: string): Promise<WindowSource> {
    const path = findShared(join("data/ett", `${spec.dataset}.csv`), caseFolder);
    if (path === undefined) throw new Error(`the data file ${spec.dataset}.csv is not there`);
    const settings = dataSettingsSchema.parse({
      source_name: spec.dataset,
      path,
      time_column: "date",
      split: { kind: "rows", train: scaledBy, validation: [8640, 11_520], test: [11_520, 14_400] },
    });
    const dataset = await loadDataset(settings, { context: spec.context, horizon: spec.horizon });
    return new WindowSource(dataset, spec.channels ?? dataset.columns.map((_, channel) => channel));
  }

  get channels(): number {
    return this.#channels.length;
  }

  /** @param starts  the csv row of each window's first context row, row 0 the first under the header */
  windows(starts: readonly number[]): CaseWindows {
    const { context, horizon, columns } = this.#dataset;
    const past = new Float32Array(starts.length * context * columns.length);
    const future = new Float32Array(starts.length * horizon * columns.length);
    gatherWindows(this.#dataset, starts, { past, future });
    return {
      past: this.#pick(past, [starts.length, context]),
      future: this.#pick(future, [starts.length, horizon]),
    };
  }

  #pick(values: Float32Array, shape: readonly number[]): Tensor {
    const [from, to] = [this.#dataset.columns.length, this.#channels.length];
    const rows = values.length / from;
    const picked = new Float32Array(rows * to);
    for (let row = 0; row < rows; row++) {
      this.#channels.forEach((channel, place) => {
        picked[row * to + place] = values[row * from + channel] ?? Number.NaN;
      });
    }
    return float32Tensor([...shape, to], picked);
  }
}

/** The inputs of a case by the names of the graphs' inputs: those in the file, else built from `data.starts`. */
export async function caseInputs(golden: GoldenCase): Promise<Inputs> {
  const inline = [...golden.tensors].flatMap(([name, tensor]) =>
    name.startsWith("input.") ? [[name.slice("input.".length), tensor] as const] : [],
  );
  if (inline.length > 0) return familyOf(golden.family).inputs(new Map(inline));
  if (!golden.data?.starts) throw new Error("the case has neither inputs nor window starts");
  const source = await WindowSource.open(golden.data, golden.folder);
  const { past, future } = source.windows(golden.data.starts);
  return new Map([
    ["past_values", past],
    ["future_values", future],
  ]);
}
