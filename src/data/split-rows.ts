import type { PartName } from "./dataset.ts";
import { DataError } from "./errors.ts";
import type { SplitSettings } from "./schema.ts";

/** Rows [from, to) whose steps are forecast in a part; a part's contexts reach back before `from`. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

export type PartRows = Readonly<Record<PartName, RowRange>>;

/** 12, 4 and 4 months of 30 days of 24 hours, as the Informer paper cut ETTh; ETTm has four rows an hour. */
const ETT_HOURLY_BORDERS = [8640, 11520, 14400] as const;
const QUARTERS = 4;

/**
 * Cuts `rows` rows into train, validation and test. Fractions: train is the first trunc(train · rows), test the last
 * trunc(test · rows), validation what lies between (granite-tsfm's rule).
 *
 * @throws {DataError} DATA_TOO_FEW_ROWS, DATA_BAD_SPLIT
 */
export function splitRows(split: SplitSettings, rows: number, file: string): PartRows {
  const parts = cut(split, rows);
  for (const [name, part] of Object.entries(parts)) {
    if (part.from > part.to) throw badRange(name, part);
    if (part.to > rows) throw tooFewRows(split.kind, name, part, rows, file);
  }
  return parts;
}

function cut(split: SplitSettings, rows: number): PartRows {
  switch (split.kind) {
    case "fractions":
      return byBorders(Math.trunc(split.train * rows), rows - Math.trunc(split.test * rows), rows);
    case "rows":
      return { train: range(split.train), validation: range(split.validation), test: range(split.test) };
    case "ett_hourly":
      return byBorders(...ETT_HOURLY_BORDERS);
    case "ett_15min":
      return byBorders(...scaledBorders(QUARTERS));
  }
}

function scaledBorders(factor: number): [number, number, number] {
  const [train, validation, test] = ETT_HOURLY_BORDERS;
  return [train * factor, validation * factor, test * factor];
}

function byBorders(trainEnd: number, validationEnd: number, testEnd: number): PartRows {
  return {
    train: { from: 0, to: trainEnd },
    validation: { from: trainEnd, to: validationEnd },
    test: { from: validationEnd, to: testEnd },
  };
}

const range = ([from, to]: readonly [number, number]): RowRange => ({ from, to });

function badRange(name: string, part: RowRange): DataError {
  return new DataError(
    "DATA_BAD_SPLIT",
    `the ${name} part ends before it begins: [${part.from}, ${part.to}]`,
    {
      where: `data.split.${name}`,
      fix: `write the first row and the row after the last: data.split.${name}=[${part.to},${part.from}]`,
    },
  );
}

function tooFewRows(kind: string, name: string, part: RowRange, rows: number, file: string): DataError {
  return new DataError(
    "DATA_TOO_FEW_ROWS",
    `the file has ${rows} rows, the ${name} part (rows ${part.from} to ${part.to - 1}) needs ${part.to}`,
    {
      where: `${file}, data.split.kind=${kind}`,
      fix:
        kind === "rows"
          ? `end it at ${rows}: data.split.${name}=[…,${rows}]`
          : "cut by share: 'data.split={kind: fractions}'",
    },
  );
}
