import { describe, expect, it } from "vitest";
import type { PlainValue } from "../../src/config/index.ts";
import { parseOverrides } from "../../src/config/index.ts";
import type { Sweeper } from "../../src/sweep/index.ts";
import { findSweeper, gridSweeper, SweepError } from "../../src/sweep/index.ts";

const options: Readonly<Record<string, readonly string[]>> = { db: ["a", "ab", "b"] };

function grid(words: string[], settings: [string, PlainValue][] = []): Sweeper {
  return gridSweeper({
    overrides: parseOverrides(words),
    settings: new Map(settings),
    groupOptions: (group) => options[group] ?? [],
  });
}

/** The words of every job; each point is told as soon as it was given. */
function jobs(sweeper: Sweeper): string[][] {
  const all: string[][] = [];
  for (;;) {
    const point = sweeper.next();
    if (point === "wait" || point === "done") return all;
    all.push(point.overrides.map(({ text }) => text));
    sweeper.tell({ num: all.length - 1, status: "completed" });
  }
}

describe("gridSweeper", () => {
  it.each<[string, string[], string[][]]>([
    [
      "first key slowest",
      ["x=1,2", "y=a,b"],
      [
        ["x=1", "y=a"],
        ["x=1", "y=b"],
        ["x=2", "y=a"],
        ["x=2", "y=b"],
      ],
    ],
    ["no sweep is one job", ["x=1"], [["x=1"]]],
    ["no word is one job", [], [[]]],
    ["a repeated key replaces and keeps its place", ["s=1,2", "t=3", "s=5"], [["s=5", "t=3"]]],
    ["a deletion stays one", ["~k", "~l=1"], [["~k", "~l=1"]]],
    ["++k and k are two slots", ["++k=1", "k=2"], [["++k=1", "k=2"]]],
    [
      "text form of values",
      ["a={k: 3}", "b=1e-4,1e3"],
      [
        ["a={k:3}", "b=0.0001"],
        ["a={k:3}", "b=1000.0"],
      ],
    ],
    ["a range", ["x=range(3)"], [["x=0"], ["x=1"], ["x=2"]]],
    ["options of a group", ["db=glob(a*)"], [["db=a"], ["db=ab"]]],
  ])("%s", (_, words, expected) => {
    expect(jobs(grid(words))).toEqual(expected);
  });

  it("keeps the type of every value: quoted numbers stay texts", () => {
    const sweeper = grid(["seed=choice('1',1)"]);
    const first = sweeper.next();
    const second = sweeper.next();
    expect(first).toMatchObject({ overrides: [{ value: { value: "1" } }], params: { seed: "'1'" } });
    expect(second).toMatchObject({ overrides: [{ value: { value: 1n } }], params: { seed: "1" } });
  });

  it("gives params of swept keys only", () => {
    expect(grid(["a=1", "+b@c=x,y"]).next()).toMatchObject({ params: { "+b@c": "x" } });
  });

  it("lets the command line replace hydra.sweeper.params", () => {
    const params = new Map<string, PlainValue>([
      ["x", "1,2"],
      ["+z", "choice(p,q)"],
    ]);
    expect(jobs(grid(["x=5"], [["params", params]]))).toEqual([
      ["x=5", "+z=p"],
      ["x=5", "+z=q"],
    ]);
  });

  it("waits between batches until every point of the last was told", () => {
    const sweeper = grid(["x=1,2,3"], [["max_batch_size", 2n]]);
    sweeper.next();
    sweeper.next();
    sweeper.tell({ num: 0, status: "failed" });
    expect(sweeper.next()).toBe("wait");
    sweeper.tell({ num: 1, status: "completed" });
    expect(sweeper.next()).toMatchObject({ params: { x: "3" } });
    expect(sweeper.next()).toBe("done");
  });

  it.each<[string, string[], [string, PlainValue][], string]>([
    ["an interval", ["x=interval(0,1)"], [], "SWEEP_KIND_UNSUPPORTED"],
    ["an empty range", ["x=range(3,1)"], [], "SWEEP_EMPTY"],
    ["a pattern that matches nothing", ["db=glob(z*)"], [], "SWEEP_EMPTY"],
    ["batches of nothing", ["x=1"], [["max_batch_size", 0n]], "SWEEP_BATCH_SIZE"],
    ["batches of a text", ["x=1"], [["max_batch_size", "a"]], "SWEEP_BATCH_SIZE"],
  ])("refuses %s", (_, words, settings, code) => {
    expect(() => grid(words, settings)).toThrow(expect.objectContaining({ code }));
  });

  it("costs nothing before points are asked for", () => {
    const sweeper = grid(["a=range(1000)", "b=range(1000)", "c=range(1000)"]);
    expect(sweeper.total).toBe(1_000_000_000);
    expect(sweeper.next()).toMatchObject({ params: { a: "0", b: "0", c: "0" } });
  });
});

describe("findSweeper", () => {
  it("knows the basic one by our name and by Hydra's", () => {
    expect(findSweeper("basic")).toBe(gridSweeper);
    expect(findSweeper("hydra._internal.core_plugins.basic_sweeper.BasicSweeper")).toBe(gridSweeper);
  });

  it("prefers what the app registered, and suggests names", () => {
    expect(findSweeper("mine", { mine: gridSweeper })).toBe(gridSweeper);
    expect(() => findSweeper("bassic")).toThrow(SweepError);
    expect(() => findSweeper("bassic")).toThrow(
      expect.objectContaining({ fix: expect.stringContaining("'basic'") }),
    );
    expect(() => findSweeper("constructor")).toThrow(SweepError);
  });
});
