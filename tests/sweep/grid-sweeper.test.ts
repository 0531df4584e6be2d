import { describe, expect, it } from "vitest";
import type { PlainValue } from "../../src/config/index.ts";
import { loadYaml, nodeValue, parseOverrides } from "../../src/config/index.ts";
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

/** `hydra.sweeper` as a config would give it. */
function blocks(yaml: string): [string, PlainValue][] {
  const value = nodeValue(loadYaml(yaml, "<test>"));
  return value instanceof Map ? [...(value as Map<string, PlainValue>)] : [];
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

  it.each<[string, string[], string[][]]>([
    [
      "zipped keys advance in step",
      ["a=zip(1,2)", "b=zip(x,y)"],
      [
        ["a=1", "b=x"],
        ["a=2", "b=y"],
      ],
    ],
    [
      "a zip is one key of the grid, and words keep their order",
      ["a=zip(1,2)", "c=p,q", "b=zip(x,y)"],
      [
        ["a=1", "c=p", "b=x"],
        ["a=1", "c=q", "b=x"],
        ["a=2", "c=p", "b=y"],
        ["a=2", "c=q", "b=y"],
      ],
    ],
    [
      "two zips by name",
      ["a=zip(1,2)", "b=zip(range(2),name=n)", "c=zip(choice(x,y),name=n)", "d=zip(3,4)"],
      [
        ["a=1", "b=0", "c=x", "d=3"],
        ["a=1", "b=1", "c=y", "d=3"],
        ["a=2", "b=0", "c=x", "d=4"],
        ["a=2", "b=1", "c=y", "d=4"],
      ],
    ],
    [
      "options of a group in a zip",
      ["db=zip(glob(a*))", "n=zip(1,2)"],
      [
        ["db=a", "n=1"],
        ["db=ab", "n=2"],
      ],
    ],
    ["changes of a list", ["t=append(a),append('1')"], [["t=append(a)"], ["t=append('1')"]]],
  ])("%s", (_, words, expected) => {
    expect(jobs(grid(words))).toEqual(expected);
  });

  it("sweeps over what a config holds as data, before the command line", () => {
    const settings = blocks("grid: {lr: [1.0e-4, 1], name: x}\nzip: {a: [1, '1'], b: [[1], {k: 2}]}");
    expect(jobs(grid(["s=1"], settings))).toEqual([
      ["lr=0.0001", "name=x", "a=1", "b=[1]", "s=1"],
      ["lr=0.0001", "name=x", "a='1'", "b={k:2}", "s=1"],
      ["lr=1", "name=x", "a=1", "b=[1]", "s=1"],
      ["lr=1", "name=x", "a='1'", "b={k:2}", "s=1"],
    ]);
  });

  it("runs listed points, each with its own keys", () => {
    const settings = blocks("points: [{a: 1, +b: x}, {a: 2}, {~c: null, a: '${s}'}]");
    expect(jobs(grid(["s=1,2"], settings))).toEqual([
      ["a=1", "+b=x", "s=1"],
      ["a=1", "+b=x", "s=2"],
      ["a=2", "s=1"],
      ["a=2", "s=2"],
      ["a=${s}", "~c", "s=1"],
      ["a=${s}", "~c", "s=2"],
    ]);
  });

  it("hands the values of blocks on with their types", () => {
    const sweeper = grid([], blocks("grid: {seed: ['1', 1, 1.0]}"));
    const values = [sweeper.next(), sweeper.next(), sweeper.next()].flatMap((point) =>
      typeof point === "string" ? [] : point.overrides.map(({ value }) => value),
    );
    expect(values).toMatchObject([{ value: "1" }, { value: 1n }, { value: 1 }]);
  });

  it("takes several zips from a list of maps; a word replaces a key of them", () => {
    const settings = blocks("zip: [{a: [1, 2], b: [3, 4]}, {c: [5, 6]}]");
    expect(jobs(grid(["b=9"], settings))).toEqual([
      ["a=1", "b=9", "c=5"],
      ["a=1", "b=9", "c=6"],
      ["a=2", "b=9", "c=5"],
      ["a=2", "b=9", "c=6"],
    ]);
  });

  it.each<[string, string, string]>([
    ["a grid that is a list", "grid: [1]", "SWEEP_BLOCK"],
    ["a zip of values", "zip: [1]", "SWEEP_BLOCK"],
    ["points that are a map", "points: {a: 1}", "SWEEP_BLOCK"],
    ["a point that is a value", "points: [1]", "SWEEP_BLOCK"],
    ["a key without values", "grid: {a: []}", "SWEEP_EMPTY"],
    ["a key of hydra's own", "grid: {hydra.verbose: [true]}", "SWEEP_PARAMS"],
    ["lists of two lengths", "zip: {a: [1, 2], b: [1, 2, 3]}", "SWEEP_ZIP_LENGTH"],
    ["a key that is none", "grid: {'a[0]': [1]}", "OVERRIDE_SYNTAX"],
  ])("refuses %s", (_, yaml, code) => {
    expect(() => grid([], blocks(yaml))).toThrow(expect.objectContaining({ code, fix: expect.any(String) }));
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
    ["a zip of two lengths", ["a=zip(1,2)", "b=zip(1,2,3)"], [], "SWEEP_ZIP_LENGTH"],
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
