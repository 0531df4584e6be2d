import { z } from "zod";

const optionalText = z.string().min(1).nullable().default(null);
const columnList = z.array(z.string().min(1)).default([]);
const fraction = z.number().min(0).max(1);
const rowRange = z
  .tuple([z.number().int().min(0), z.number().int().min(0)])
  .describe("[first row, row after the last], row 0 is the first one under the header");

const fractionSplit = z
  .strictObject({
    kind: z.literal("fractions"),
    train: fraction.default(0.7),
    validation: fraction.default(0.1),
    test: fraction.default(0.2),
  })
  .refine((split) => Math.abs(split.train + split.validation + split.test - 1) < 1e-6, {
    error: ({ input }) => `train, validation and test must add up to 1, and are ${describeFractions(input)}`,
  });

function describeFractions(input: unknown): string {
  return typeof input === "object" && input !== null
    ? Object.values(input)
        .filter((value) => typeof value === "number")
        .join(" + ")
    : String(input);
}

const rowSplit = z.strictObject({
  kind: z.literal("rows"),
  train: rowRange,
  validation: rowRange,
  test: rowRange,
});

// The ETT borders are fixed numbers, so fractions or rows left over from another choice do no harm here.
const ettSplit = z.object({ kind: z.enum(["ett_hourly", "ett_15min"]) });

/** The settings of a dataset, in the keys of the YAML group `data`. */
export const dataSettingsSchema = z.strictObject({
  source_name: z.string().min(1).describe("the dataset's name in runs and reports"),
  path: optionalText.describe("a csv file; package://data/NAME names one that ships with this package"),
  url: optionalText.describe("fetched once into the cache folder where path is null"),
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, "a sha256 is 64 hexadecimal digits")
    .nullable()
    .default(null)
    .describe("what the file's bytes must hash to"),
  time_column: optionalText.describe("null: the rows are only numbered"),
  time_format: optionalText.describe(
    "unix_s, unix_ms or a strptime format; null: year-month-day, with or without time",
  ),
  target_columns: z
    .array(z.string().min(1))
    .min(1)
    .nullable()
    .default(null)
    .describe("forecast columns; null: every numeric column without another role"),
  observable_columns: columnList.describe("known in the past and the future"),
  control_columns: columnList.describe("set by somebody, so known in the future"),
  conditional_columns: columnList.describe("known in the past only"),
  static_categorical_columns: columnList.describe("not supported: must be empty"),
  id_columns: columnList.describe("not supported: must be empty"),
  split: z
    .discriminatedUnion("kind", [fractionSplit, rowSplit, ettSplit])
    .default({ kind: "fractions", train: 0.7, validation: 0.1, test: 0.2 }),
  fewshot_fraction: z.number().gt(0).max(1).default(1).describe("the share of the train part that is used"),
  fewshot_location: z.enum(["first", "last"]).default("first"),
  stride: z.number().int().min(1).default(1).describe("rows between the starts of two windows"),
  season_length: z
    .number()
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "samples, for the naive forecast; null: from the time step (1h: 24, 1d: 1); used up to the context",
    ),
  scaling: z.enum(["standard", "none"]).default("standard"),
  missing: z.enum(["mask", "forward_fill"]).default("mask").describe("what becomes of empty cells"),
});

export type DataSettings = z.output<typeof dataSettingsSchema>;
export type SplitSettings = DataSettings["split"];
