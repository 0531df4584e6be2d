import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatError, TtmError, TtmErrors } from "../../src/core/index.ts";
import { dataSettingsSchema, loadDataset } from "../../src/data/index.ts";
import { dataFolder, fiveRows, load } from "./support.ts";

/** The printed form of what loading answers, with the test folder cut off. */
async function printed(
  file: string | null,
  settings: Record<string, unknown> = {},
  size = { context: 2, horizon: 1 },
): Promise<string> {
  const path = file === null ? null : join(dataFolder, file);
  const parsed = dataSettingsSchema.parse({ source_name: "test", path, ...settings });
  const error: unknown = await loadDataset(parsed, size).catch((reason: unknown) => reason);
  if (!(error instanceof TtmError)) throw error;
  return formatError(error).replaceAll(`${dataFolder}/`, "").replaceAll("tests/data/data/", "");
}

const rows = [
  ["DATA_NO_SOURCE", null, {}],
  ["DATA_FILE_NOT_FOUND", "five-row.csv", {}],
  ["DATA_UNSUPPORTED ids", "five-rows.csv", { id_columns: ["load"] }],
  ["DATA_UNSUPPORTED parquet", "not-csv.parquet", {}],
  ["DATA_CHECKSUM", "five-rows.csv", { sha256: "0".repeat(64) }],
  ["DATA_EMPTY_FILE", "error-empty-file.csv", {}],
  ["DATA_BAD_CSV", "error-open-quote.csv", {}],
  ["DATA_RAGGED_ROW", "error-ragged-row.csv", {}],
  ["DATA_NO_COLUMN", "five-rows.csv", { target_columns: ["laod"] }],
  ["DATA_NO_COLUMN time", "five-rows.csv", { time_column: "timestamp" }],
  ["DATA_COLUMN_TWICE in the header", "error-column-twice.csv", { target_columns: ["load"] }],
  [
    "DATA_COLUMN_TWICE in the settings",
    "five-rows.csv",
    { target_columns: ["load"], control_columns: ["load"] },
  ],
  ["DATA_NOT_A_NUMBER", "error-not-a-number.csv", { time_column: "date" }],
  ["DATA_NOT_A_NUMBER named", "error-not-a-number.csv", { target_columns: ["load"] }],
  ["DATA_NO_VALUES no rows", "error-only-header.csv", {}],
  ["DATA_NO_VALUES no numbers", "error-no-numbers.csv", {}],
  ["DATA_NO_VALUES in train", "error-empty-column.csv", fiveRows],
  ["DATA_BAD_TIME", "error-bad-time.csv", { time_column: "date" }],
  ["DATA_BAD_TIME unsorted", "error-unsorted-time.csv", { time_column: "date" }],
  ["DATA_BAD_TIME same", "error-same-time.csv", { time_column: "date" }],
  ["DATA_BAD_TIME format", "error-same-time.csv", { time_column: "date", time_format: "%Q" }],
  [
    "DATA_BAD_SPLIT backwards",
    "five-rows.csv",
    { split: { kind: "rows", train: [3, 0], validation: [3, 4], test: [4, 5] } },
  ],
  [
    "DATA_BAD_SPLIT no context",
    "five-rows.csv",
    { split: { kind: "rows", train: [0, 4], validation: [1, 4], test: [4, 5] } },
  ],
  ["DATA_TOO_FEW_ROWS ett", "five-rows.csv", { split: { kind: "ett_hourly" } }],
  [
    "DATA_TOO_FEW_ROWS rows",
    "five-rows.csv",
    { split: { kind: "rows", train: [0, 3], validation: [3, 4], test: [4, 9] } },
  ],
  [
    "DATA_TOO_FEW_ROWS test",
    "five-rows.csv",
    { split: { kind: "rows", train: [0, 5], validation: [5, 5], test: [4, 5] } },
    { context: 2, horizon: 2 },
  ],
  ["DATA_TOO_FEW_ROWS train", "five-rows.csv", {}, { context: 3, horizon: 2 }],
  [
    "DATA_TOO_FEW_ROWS few-shot",
    "roles.csv",
    { fewshot_fraction: 0.1, split: { kind: "rows", train: [0, 8], validation: [8, 8], test: [8, 8] } },
  ],
] as const;

describe("a fault says what, where and what to type", () => {
  test.each(rows)("%s", async (id, file, settings, size?: { context: number; horizon: number }) => {
    const text = await printed(file, settings, size);
    expect(text.startsWith(`error ${id.split(" ")[0]}: `)).toBe(true);
    expect(text).toContain("  fix  ");
    expect(text).toMatchSnapshot();
  });
});

test("several bad cells are told together", async () => {
  const error: unknown = await load("error-not-a-number.csv", { target_columns: ["date", "load"] }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TtmErrors);
  expect((error as TtmErrors).errors.map(({ code }) => code)).toEqual(Array(4).fill("DATA_NOT_A_NUMBER"));
});

test("the fraction that a few-shot fault proposes is enough", async () => {
  const split = { kind: "rows", train: [0, 8], validation: [8, 8], test: [8, 8] };
  const text = await printed("roles.csv", { fewshot_fraction: 0.1, split });
  const proposed = Number(/fewshot_fraction=([\d.]+)/.exec(text)?.[1]);
  const dataset = await load("roles.csv", { fewshot_fraction: proposed, split });
  expect(dataset.splits.train.starts.length).toBe(1);
});

test("fractions must add up to 1, and unknown keys are refused", () => {
  const base = { source_name: "x", path: "x.csv" };
  expect(() => dataSettingsSchema.parse({ ...base, split: { kind: "fractions", train: 0.5 } })).toThrow(
    /are 0.5 \+ 0.1 \+ 0.2/,
  );
  expect(() => dataSettingsSchema.parse({ ...base, colour: "red" })).toThrow();
});
