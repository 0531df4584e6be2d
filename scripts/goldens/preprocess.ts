import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type DataSettings,
  type Dataset,
  dataSettingsSchema,
  gatherWindows,
  loadDataset,
  type PartName,
} from "../../src/data/index.ts";

export interface ReplayResult {
  readonly ok: boolean;
  readonly message: string;
}

type CasePart = "train" | "valid" | "test";

interface WindowFacts {
  readonly windows: number;
  readonly first_start: number;
  readonly last_start: number;
}

interface PreprocessCase {
  readonly dataset: string;
  readonly context: number;
  readonly horizon: number;
  readonly split_rows: Readonly<Record<CasePart, readonly [number, number]>>;
  readonly columns: readonly string[];
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly windows: Readonly<Record<CasePart, WindowFacts>>;
  readonly few_shot?: readonly (WindowFacts & {
    readonly fraction: number;
    readonly location: "first" | "last";
  })[];
  readonly strided?: { readonly stride: number } & Readonly<Record<CasePart, WindowFacts>>;
  readonly tolerance: { readonly "mean, std": number; readonly windows: number };
}

interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const partOf = { train: "train", valid: "validation", test: "test" } as const satisfies Record<
  CasePart,
  PartName
>;
const caseParts = ["train", "valid", "test"] as const;

/** Replays a golden of kind `preprocess`: splits, window starts, scaler, few-shot, strides, and whole windows. */
export async function replayPreprocess(caseFolder: string): Promise<ReplayResult> {
  const golden = JSON.parse(await readFile(join(caseFolder, "case.json"), "utf8")) as PreprocessCase;
  const file = findDataset(golden.dataset, caseFolder);
  if (file === undefined) return { ok: false, message: `expected data file ${golden.dataset}.csv, got none` };
  try {
    const faults = await compareCase(golden, file, caseFolder);
    return faults.length === 0
      ? { ok: true, message: "" }
      : { ok: false, message: faults.slice(0, 3).join("; ") };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

function findDataset(name: string, caseFolder: string): string | undefined {
  const shared = process.env["TTM_SHARED"] ?? resolve(import.meta.dirname, "../../../shared");
  const folders = [join(shared, "data/ett"), resolve(caseFolder, "../../data/ett"), caseFolder];
  return folders.map((folder) => join(folder, `${name}.csv`)).find((path) => existsSync(path));
}

async function compareCase(golden: PreprocessCase, file: string, caseFolder: string): Promise<string[]> {
  const load = (changes: Partial<DataSettings> = {}): Promise<Dataset> =>
    loadDataset(
      { ...settingsOf(golden, file), ...changes },
      { context: golden.context, horizon: golden.horizon },
    );
  const dataset = await load();
  const faults = [
    ...compareScaler(golden, dataset),
    ...caseParts.flatMap((part) => compareRows(golden, part, dataset)),
    ...caseParts.flatMap((part) => compareStarts(part, golden.windows[part], dataset)),
    ...(await compareWindows(golden, dataset, caseFolder)),
  ];
  for (const shot of golden.few_shot ?? []) {
    const fewer = await load({ fewshot_fraction: shot.fraction, fewshot_location: shot.location });
    faults.push(...compareStarts("train", shot, fewer, `few-shot ${shot.fraction} ${shot.location} `));
    faults.push(...compareScaler(golden, fewer));
  }
  const { strided } = golden;
  if (strided) {
    const wider = await load({ stride: strided.stride });
    faults.push(
      ...caseParts.flatMap((part) => compareStarts(part, strided[part], wider, `stride ${strided.stride} `)),
    );
  }
  return faults;
}

function settingsOf(golden: PreprocessCase, file: string): DataSettings {
  const { train, valid, test } = golden.split_rows;
  const ett = { ETTh: "ett_hourly", ETTm: "ett_15min" }[golden.dataset.slice(0, 4)];
  return dataSettingsSchema.parse({
    source_name: golden.dataset,
    path: file,
    time_column: "date",
    target_columns: golden.columns,
    split: ett === undefined ? { kind: "rows", train, validation: valid, test } : { kind: ett },
  });
}

function compareScaler({ columns, mean, std, tolerance }: PreprocessCase, { scaler }: Dataset): string[] {
  const allowed = tolerance["mean, std"];
  const far = (got: number | undefined, expected: number): boolean =>
    !(Math.abs((got ?? Number.NaN) - expected) <= allowed * Math.max(1, Math.abs(expected)));
  return columns.flatMap((column, channel) => {
    const expected = [mean[channel] ?? Number.NaN, std[channel] ?? Number.NaN] as const;
    const got = [scaler.mean[channel], scaler.std[channel]] as const;
    const differs = far(got[0], expected[0]) || far(got[1], expected[1]);
    return differs ? [`${column} mean, std: expected ${expected}, got ${got}`] : [];
  });
}

/** Our validation and test parts begin a context early; the case names their first forecast row. */
function compareRows({ split_rows, context }: PreprocessCase, part: CasePart, { splits }: Dataset): string[] {
  const { from, to } = splits[partOf[part]];
  const got = `${part === "train" ? from : from + context},${to}`;
  const expected = split_rows[part].join(",");
  return got === expected ? [] : [`${part} rows: expected ${expected}, got ${got}`];
}

function compareStarts(part: CasePart, facts: WindowFacts, { splits }: Dataset, what = ""): string[] {
  const { starts } = splits[partOf[part]];
  const got = `${starts.length} windows ${starts[0]}…${starts.at(-1)}`;
  const expected = `${facts.windows} windows ${facts.first_start}…${facts.last_start}`;
  return got === expected ? [] : [`${what}${part}: expected ${expected}, got ${got}`];
}

async function compareWindows(
  golden: PreprocessCase,
  dataset: Dataset,
  caseFolder: string,
): Promise<string[]> {
  const file = join(caseFolder, "tensors.safetensors");
  if (!existsSync(file)) return [];
  const faults: string[] = [];
  for (const [name, tensor] of readFloatTensors(await readFile(file))) {
    const match = /^expected\.(train|valid|test)_window_(\d+)\.(past|future)$/.exec(name);
    if (!match) return [`${name}: expected a window's name`];
    const [, part, index, half] = match;
    const start = dataset.splits[partOf[part as CasePart]].starts[Number(index)];
    if (start === undefined) return [`${name}: expected a window ${index}, got none`];
    const got = windowOf(dataset, start)[half as "past" | "future"];
    const worst = largestDifference(got, tensor.data);
    if (!(worst <= golden.tolerance.windows))
      faults.push(`${name}: expected within ${golden.tolerance.windows}, got ${worst}`);
  }
  return faults;
}

function windowOf(dataset: Dataset, start: number): { past: Float32Array; future: Float32Array } {
  const channels = dataset.columns.length;
  const past = new Float32Array(dataset.context * channels);
  const future = new Float32Array(dataset.horizon * channels);
  gatherWindows(dataset, [start], { past, future });
  return { past, future };
}

function largestDifference(got: Float32Array, expected: Float32Array): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  return got.reduce((worst, value, index) => {
    const difference = Math.abs(value - (expected[index] ?? Number.NaN));
    return Math.max(worst, difference);
  }, 0);
}

/** The float32 tensors of a safetensors file: length of the header, JSON header, raw little-endian values. */
function readFloatTensors(bytes: Buffer): Map<string, FloatTensor> {
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + headerLength)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, FloatTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (entry.dtype !== "F32") continue;
    const [from, to] = entry.data_offsets.map((offset) => 8 + headerLength + offset);
    const data = new Float32Array(Uint8Array.from(bytes.subarray(from, to)).buffer);
    tensors.set(name, { shape: entry.shape, data });
  }
  return tensors;
}
