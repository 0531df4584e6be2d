import { describe, expect, it } from "vitest";
import type { PlainValue } from "../../src/config/index.ts";
import { SweepError, sweepParams } from "../../src/sweep/index.ts";

describe("sweepParams", () => {
  it("makes a word of each key and the text of its value", () => {
    const params = new Map<string, PlainValue>([
      ["seed", "1,2"],
      ["+z", "choice(p,q)"],
      ["flag", true],
      ["list", [1n, 2n]],
      ["rate", 1e-4],
    ]);
    expect(sweepParams(params).map(({ text }) => text)).toEqual([
      "seed=1,2",
      "+z=choice(p,q)",
      "flag=True",
      "list=[1, 2]",
      "rate=0.0001",
    ]);
  });

  it.each([[undefined], [null]])("is empty for %s", (params) => {
    expect(sweepParams(params)).toEqual([]);
  });

  it("refuses what is no mapping, and hydra's own keys", () => {
    expect(() => sweepParams([1n])).toThrow(SweepError);
    expect(() => sweepParams(new Map([["hydra.job.name", "a,b"]]))).toThrow(/hydra.job.name/);
  });
});
