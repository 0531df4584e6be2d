import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placeWindows, windowStarts } from "../../src/data/place-windows.ts";
import { splitRows } from "../../src/data/split-rows.ts";

const fractions = { kind: "fractions", train: 0.7, validation: 0.1, test: 0.2 } as const;
const hourly = { kind: "ett_hourly" } as const;
const quarterly = { kind: "ett_15min" } as const;
const first = { fewshot_fraction: 1, fewshot_location: "first", stride: 1 } as const;
const fivePercent = { ...first, fewshot_fraction: 0.05 };

// Window counts at 512 → 96 that granite-tsfm publishes; rows as the data sets have them.
describe("published window counts", () => {
  test.each([
    ["ETTh1", hourly, 17_420, 8033, 311, 2785, 2785],
    ["ETTm1", quarterly, 69_680, 33_953, 1607, 11_425, 11_425],
    ["weather", fractions, 52_696, 36_887 - 607, 1723, 5175, 10_444],
    ["electricity", fractions, 26_304, 18_412 - 607, 800, 2537, 5165],
    ["traffic", fractions, 17_544, 12_280 - 607, 493, 1661, 3413],
  ] as const)("%s", (_name, split, rows, train, few, validation, last) => {
    const parts = splitRows(split, rows, "file.csv");
    const size = { context: 512, horizon: 96 };
    const full = placeWindows(parts, size, first, "file.csv");
    const counts = [full.train, full.validation, full.test].map(({ starts }) => starts.length);
    expect(counts).toEqual([train, validation, last]);
    expect(placeWindows(parts, size, fivePercent, "file.csv").train.starts.length).toBe(few);
  });
});

test("windows fill their part: count, step, and no room for one more", () => {
  const sizes = fc.record({
    from: fc.nat(50),
    rows: fc.nat(300),
    context: fc.integer({ min: 1, max: 40 }),
    horizon: fc.integer({ min: 1, max: 20 }),
    stride: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(
    fc.property(sizes, ({ from, rows, context, horizon, stride }) => {
      const to = from + rows;
      const starts = Array.from(windowStarts({ from, to }, { context, horizon }, stride));
      const expected: number[] = [];
      for (let start = from; start + context + horizon <= to; start += stride) expected.push(start);
      expect(starts).toEqual(expected);
    }),
  );
});

test("the parts touch, and the first forecast of validation and test starts on the border", () => {
  fc.assert(
    fc.property(fc.integer({ min: 700, max: 3000 }), fc.integer({ min: 1, max: 60 }), (rows, context) => {
      const parts = splitRows(fractions, rows, "file.csv");
      const placed = placeWindows(parts, { context, horizon: 10 }, first, "file.csv");
      expect([parts.train.from, parts.train.to, parts.validation.to, parts.test.to]).toEqual([
        0,
        parts.validation.from,
        parts.test.from,
        rows,
      ]);
      expect((placed.validation.starts[0] ?? 0) + context).toBe(parts.validation.from);
      expect((placed.test.starts[0] ?? 0) + context).toBe(parts.test.from);
    }),
  );
});

test("few-shot keeps the first or the last rows", () => {
  const parts = splitRows(hourly, 17_420, "file.csv");
  const last = { ...fivePercent, fewshot_location: "last" } as const;
  const { train } = placeWindows(parts, { context: 512, horizon: 96 }, last, "file.csv");
  expect([train.from, train.to, train.starts.length]).toEqual([8640 - 918, 8640, 311]);
});
