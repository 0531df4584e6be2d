import { describe, expect, test } from "vitest";
import { detectFrequency, seasonOf } from "../../src/data/frequency.ts";
import { parseNumber } from "../../src/data/parse-number.ts";
import { timeParser } from "../../src/data/parse-time.ts";

describe("times", () => {
  test.each([
    [null, "2016-07-01 02:00:00", "2016-07-01T02:00:00.000Z"],
    [null, "2016-07-01", "2016-07-01T00:00:00.000Z"],
    [null, "2016/7/1 2:05", "2016-07-01T02:05:00.000Z"],
    [null, "2016-07-01T02:00:00.250Z", "2016-07-01T02:00:00.250Z"],
    [null, "2016-07-01T02:00:00+02:00", "2016-07-01T00:00:00.000Z"],
    [null, "2016-07-01 02:00:00-0130", "2016-07-01T03:30:00.000Z"],
    ["unix_s", "1467331200", "2016-07-01T00:00:00.000Z"],
    ["unix_ms", "1467331200500", "2016-07-01T00:00:00.500Z"],
    ["%d.%m.%Y %H:%M", "1.7.2016 23:59", "2016-07-01T23:59:00.000Z"],
    ["%m/%d/%y %I:%M:%S %p", "07/01/16 12:00:01 am", "2016-07-01T00:00:01.000Z"],
    ["%d %b %Y", "01 Jul 2016", "2016-07-01T00:00:00.000Z"],
    ["%Y-%m-%dT%H:%M:%S.%f%z", "2016-07-01T00:00:00.123456+0000", "2016-07-01T00:00:00.123Z"],
    ["%Y", "2016", "2016-01-01T00:00:00.000Z"],
  ])("%s reads %s", (format, text, expected) => {
    expect(new Date(timeParser(format)(text)).toISOString()).toBe(expected);
  });

  test.each([
    [null, "2016-13-01"],
    [null, "2015-02-29"],
    [null, "2016-07-01 24:00:00"],
    [null, "01-07-2016"],
    [null, ""],
    ["unix_s", "2016-07-01"],
    ["%d.%m.%Y", "2016-07-01"],
    ["%I %p", "13 pm"],
  ])("%s refuses '%s'", (format, text) => {
    expect(timeParser(format)(text)).toBeNaN();
  });
});

describe("steps and seasons", () => {
  const days = (...dates: string[]): Float64Array => Float64Array.from(dates, Date.parse);
  const every = (milliseconds: number): Float64Array =>
    Float64Array.from({ length: 5 }, (_, row) => row * milliseconds);
  test.each([
    ["1s", every(1000), 3600],
    ["15min", every(900_000), 96],
    ["7min", every(420_000), 1],
    ["1h", every(3_600_000), 24],
    ["2h", every(7_200_000), 12],
    ["1d", every(86_400_000), 1],
    ["7d", every(7 * 86_400_000), 1],
    ["1mo", days("2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"), 12],
    ["1mo", days("2024-01-31", "2024-02-29", "2024-03-31"), 12],
    ["3mo", days("2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01"), 4],
    ["12mo", days("2023-01-01", "2024-01-01", "2025-01-01"), 1],
  ])("%s", (name, times, season) => {
    const frequency = detectFrequency(times);
    expect([frequency?.name, frequency?.regular, seasonOf(frequency)]).toEqual([name, true, season]);
  });

  test("a gap keeps the usual step and is told", () => {
    const frequency = detectFrequency(days("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-06"));
    expect(frequency).toEqual({ name: "1d", milliseconds: 86_400_000, months: null, regular: false });
  });

  test("one row has no step", () => {
    expect(detectFrequency(days("2024-01-01"))).toBeNull();
    expect(seasonOf(null)).toBe(1);
  });
});

describe("cells", () => {
  test.each([
    ["1", 1],
    [" -2.5e-3 ", -0.0025],
    ["+4.", 4],
    [".5", 0.5],
    ["", Number.NaN],
    ["NaN", Number.NaN],
    ["null", Number.NaN],
    ["1,5", undefined],
    ["0x10", undefined],
    ["1_000", undefined],
    ["inf", undefined],
    ["1e999", undefined],
    ["12 kW", undefined],
  ])("'%s'", (cell, expected) => {
    expect(parseNumber(cell)).toBe(expected);
  });
});
