import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

describe("data/seattle-weather.csv", () => {
  it("is the file of vega-datasets, figure by figure", () => {
    const theirs = new URL("../../node_modules/vega-datasets/data/seattle-weather.csv", import.meta.url);
    const ours = new URL("../../data/seattle-weather.csv", import.meta.url);
    expect(readFileSync(ours, "utf8").split(/\r?\n/)).toEqual(readFileSync(theirs, "utf8").split(/\r?\n/));
  });
});
