import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlainValue } from "../../src/config/index.ts";
import { loadYaml, nodeValue, parseOverrides } from "../../src/config/index.ts";
import type { PointOutcome, PointReport, Sweeper } from "../../src/sweep/index.ts";
import { createSweeper, findSweeper, SweepError } from "../../src/sweep/index.ts";
import { drain, sweeperContract, wordsOf } from "../contracts/sweeper.ts";

const space = ["lr=tag(log,interval(1e-5,1e-1))", "n=range(1,9)", "kind=choice(a,b,c)", "fixed=1"];

/** `hydra.sweeper` as a config would give it. */
function settings(yaml: string): Map<string, PlainValue> {
  const value = nodeValue(loadYaml(yaml, "<test>"));
  return new Map(value instanceof Map ? [...(value as ReadonlyMap<string, PlainValue>)] : []);
}

function make(name: string, yaml = "", words = space, say?: (line: string) => void): Sweeper {
  return createSweeper(name, {
    overrides: parseOverrides(words),
    settings: settings(yaml),
    groupOptions: (group) => (group === "db" ? ["mysql", "pg"] : []),
    ...(say ? { say } : {}),
  });
}

const optuna = "hydra_plugins.hydra_optuna_sweeper.optuna_sweeper.OptunaSweeper";

describe("the contract", () => {
  sweeperContract("basic", findSweeper("basic"), { words: ["n=range(3)", "kind=choice(a,b)"] });
  for (const name of ["random", "sobol", "tpe"]) {
    sweeperContract(name, findSweeper(name), { words: space, settings: settings("n_trials: 30") });
    sweeperContract(`${name} with asha`, (request) => createSweeper(name, request), {
      words: space,
      settings: settings("{n_trials: 30, pruner: {_target_: asha}}"),
    });
  }
  sweeperContract(`${optuna}, grid`, findSweeper(optuna), {
    words: ["n=range(1,4)", "kind=choice(a,b)"],
    settings: settings("sampler: {_target_: optuna.samplers.GridSampler}"),
  });
});

describe("a search", () => {
  it.each(["random", "sobol", "tpe"])("%s keeps to the space and gives values their types", (name) => {
    for (const point of drain(make(name, "n_trials: 40"))) {
      const [lr = Number.NaN, n = Number.NaN] = [Number(point.params["lr"]), Number(point.params["n"])];
      expect(lr >= 1e-5 && lr <= 1e-1).toBe(true);
      expect(Number.isInteger(n) && n >= 1 && n <= 8).toBe(true);
      expect(["a", "b", "c"]).toContain(point.params["kind"]);
      expect(wordsOf(point)).toContain("fixed=1");
      expect(Object.keys(point.params)).toEqual(["lr", "n", "kind"]);
    }
  });

  it("finds the minimum: what TPE tries last is better than what it tried first", () => {
    const value = (params: Readonly<Record<string, string>>) =>
      (Math.log10(Number(params["lr"])) + 3) ** 2 +
      (Number(params["n"]) - 5) ** 2 / 4 +
      (params["kind"] === "b" ? 0 : 2);
    const values = run(make("tpe", "n_trials: 60"), value);
    const mean = (part: readonly number[]) => part.reduce((sum, one) => sum + one) / part.length;
    expect(mean(values.slice(-20))).toBeLessThan(mean(values.slice(0, 10)) / 2);
  });

  it("turns round where the value is maximised", () => {
    const value = ({ n = "0" }: Readonly<Record<string, string>>) => Number(n);
    const late = run(make("tpe", "{n_trials: 40, direction: maximize}", ["n=range(1,30)"]), value).slice(20);
    expect(late.reduce((sum, one) => sum + one) / late.length).toBeGreaterThan(22);
  });

  it("searches for several objectives", () => {
    const sweeper = make("tpe", "{n_trials: 40, direction: [minimize, minimize]}", ["x=interval(-1,3)"]);
    const values: number[] = [];
    for (let num = 0, point = sweeper.next(); typeof point !== "string"; point = sweeper.next(), num++) {
      const x = Number(point.params["x"]);
      values.push(x);
      sweeper.tell({ num, status: "completed", value: [x ** 2, (x - 2) ** 2] });
    }
    const within = values.slice(20).filter((x) => x >= -0.1 && x <= 2.1).length;
    expect(within).toBeGreaterThan(14);
  });

  it("asks for one point at a time only where it learns", () => {
    expect(["random", "sobol", "tpe"].map((name) => make(name).isAdaptive)).toEqual([false, false, true]);
    expect(
      findSweeper("basic")({ overrides: [], settings: new Map(), groupOptions: () => [] }).isAdaptive,
    ).toBeFalsy();
  });

  it("reads Hydra's maps of a distribution, and its older name for them", () => {
    const yaml = `
n_trials: 25
params:
  lr: {type: float, low: 1.0e-5, high: 0.1, log: true}
  width: {type: int, low: 0, high: 8, step: 4}
  depth: {type: int, low: 2, high: 3}
  act: {type: categorical, choices: [relu, 'a,b', 1]}
  +extra: interval(0, 1)`;
    const points = drain(make("random", yaml, []));
    const seen = (key: string) => [...new Set(points.map(({ params }) => params[key] ?? ""))].sort();
    expect(seen("width")).toEqual(["0", "4", "8"]);
    expect(seen("depth")).toEqual(["2", "3"]);
    expect(seen("act")).toEqual(["1", "a\\,b", "relu"]);
    expect(points[0]?.params["+extra"]).toMatch(/^0\.\d+$/);
    const older = drain(make("random", yaml.replace("params:", "search_space:"), []));
    expect(older.map(wordsOf)).toEqual(points.map(wordsOf));
  });

  it("has the groups' options, zips and a file's blocks as categories", () => {
    const words = ["db=glob(*)", "a=zip(1,2)", "b=zip(x,y)"];
    const points = drain(make("sobol", "{n_trials: 32, grid: {seed: [1, 2, 3]}}", words));
    const pairs = new Set(points.map(({ params }) => `${params["a"]}${params["b"]}`));
    expect([...pairs].sort()).toEqual(["1x", "2y"]);
    expect(new Set(points.map(({ params }) => `${params["db"]} ${params["seed"]}`)).size).toBe(6);
  });

  it("lets a word of the command line fix what params search", () => {
    const [point] = drain(
      make("tpe", "{n_trials: 1, params: {lr: 'interval(0,1)', n: 3, k: 'a,b'}}", ["lr=0.5", "k=a,a"]),
    );
    expect(point?.overrides.map(({ text }) => text)).toEqual(["lr=0.5", "n=3", "k=a"]);
  });

  it("says why a point counts as failed", () => {
    const said: string[] = [];
    const sweeper = make("tpe", "", space, (line) => said.push(line));
    const results = [Number.NaN, undefined, { a: 1, b: 2 }, "text", 0.5];
    for (const [num, value] of results.entries()) {
      sweeper.next();
      sweeper.tell({ num, status: "completed", value });
    }
    expect(said).toEqual([
      "#0  counts as failed: the objective is not a number (nan)",
      "#1  counts as failed: the task returned nothing",
      "#2  counts as failed: the objective is not among what the task returned (a, b); name one: hydra.sweeper.metric=…",
      "#3  counts as failed: the task returned text, which is no number",
    ]);
  });

  it("goes on where a larger n_trials resumes it", () => {
    const first = drain(make("tpe", "n_trials: 15")).map(wordsOf);
    expect(drain(make("tpe", "n_trials: 25")).map(wordsOf).slice(0, 15)).toEqual(first);
  });

  it("costs a 10,000-point sweep no more than its points", () => {
    const sweeper = make("sobol", "n_trials: 10000");
    const before = process.memoryUsage().heapUsed;
    let count = 0;
    for (; sweeper.next() !== "done"; count++)
      sweeper.tell({ num: count, status: "completed", value: count });
    expect(count).toBe(10_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6);
  });
});

describe("promotion", () => {
  const pruner = "{_target_: asha_promotion, resource: epochs, max_resource: 9, reduction_factor: 3}";

  it("runs the best third of each rung again with three times as much, and tells the search of the first", () => {
    const sweeper = make("random", `{n_trials: 9, pruner: ${pruner}}`, ["x=interval(0,1)", "epochs=5"]);
    const jobs: [number, number][] = [];
    for (let point = sweeper.next(); typeof point !== "string"; point = sweeper.next()) {
      const [x, epochs] = [Number(point.params["x"]), Number(point.params["epochs"])];
      expect(wordsOf(point)).toEqual([`x=${point.params["x"]}`, `epochs=${epochs}`]);
      jobs.push([x, epochs]);
      sweeper.tell({ num: jobs.length - 1, status: "completed", value: x });
    }
    const counts = [1, 3, 9].map((epochs) => jobs.filter((job) => job[1] === epochs).length);
    const best = Math.min(...jobs.map(([x]) => x));
    expect(counts[0]).toBe(9);
    expect(counts[1]).toBeGreaterThanOrEqual(3);
    expect(jobs.filter((job) => job[1] === 9).map(([x]) => x)).toContain(best);
    expect(sweeper.next()).toBe("done");
  });

  it("waits for results where a promotion may follow, and promotes no failed job", () => {
    const sweeper = make("basic", `{pruner: ${pruner}}`, ["x=range(3)"]);
    for (const _ of [0, 1, 2]) expect(sweeper.next()).toBeTypeOf("object");
    expect(sweeper.next()).toBe("wait");
    for (const num of [0, 1, 2])
      sweeper.tell({ num, status: num === 2 ? "failed" : "completed", value: num });
    expect(sweeper.next()).toBe("done");
  });
});

describe("a job that was told to stop", () => {
  it("is told so again, whatever it repeats", () => {
    const sweeper = make("random", "{n_trials: 9, pruner: {_target_: asha, min_resource: 1}}", [
      "x=interval(0,1)",
    ]);
    for (const num of [0, 1, 2, 3]) {
      sweeper.next();
      if (num < 3) sweeper.report?.(num, { step: 1, value: num });
    }
    expect(sweeper.report?.(3, { step: 1, value: 100 })).toBe("stop");
    expect(sweeper.report?.(3, { step: 1, value: 100 })).toBe("stop");
    expect(sweeper.report?.(3, { step: 2, value: -100 })).toBe("stop");
    expect(sweeper.report?.(0, { step: 1, value: 0 })).toBe("continue");
  });
});

describe("faults", () => {
  it.each<[string, string, string, string[], string]>([
    [
      "an unknown sampler",
      optuna,
      "sampler: {_target_: optuna.samplers.CmaEsSampler}",
      space,
      "SWEEP_UNKNOWN_SAMPLER",
    ],
    ["an unknown pruner", "tpe", "pruner: {_target_: hyperband}", space, "SWEEP_UNKNOWN_PRUNER"],
    ["Python code", optuna, "custom_search_space: my.module.f", space, "SWEEP_SETTING"],
    ["a promotion of nothing", "tpe", "pruner: {_target_: asha_promotion}", space, "SWEEP_SETTING"],
    ["no trial", "tpe", "n_trials: 0", space, "SWEEP_SETTING"],
    ["a text for a number", "tpe", "n_startup_trials: many", space, "SWEEP_SETTING"],
    ["a direction of another name", "tpe", "direction: down", space, "SWEEP_SETTING"],
    ["more metrics than directions", "tpe", "metric: [a, b]", space, "SWEEP_SETTING"],
    [
      "a pruner over two objectives",
      "tpe",
      "{direction: [minimize, minimize], pruner: {_target_: asha}}",
      space,
      "SWEEP_SETTING",
    ],
    ["a logarithm of nothing", "tpe", "", ["x=tag(log,interval(0,1))"], "SWEEP_SPACE"],
    ["an interval that ends before it starts", "tpe", "", ["x=interval(2,1)"], "SWEEP_SPACE"],
    ["a distribution without an end", "tpe", "params: {x: {type: float, low: 1}}", [], "SWEEP_SPACE"],
    [
      "a distribution of no known type",
      "tpe",
      "params: {x: {type: real, low: 1, high: 2}}",
      [],
      "SWEEP_SPACE",
    ],
    ["categories without choices", "tpe", "params: {x: {type: categorical}}", [], "SWEEP_SPACE"],
    ["a grid over an interval", optuna, "sampler: {_target_: grid}", ["x=interval(0,1)"], "SWEEP_SPACE"],
    ["nothing to search", "tpe", "", ["x=1"], "SWEEP_SPACE"],
    ["an interval in a list", "basic", "", ["x=interval(0,1)"], "SWEEP_KIND_UNSUPPORTED"],
    [
      "too many keys for Sobol",
      "sobol",
      "",
      Array.from({ length: 1112 }, (_, key) => `k${key}=1,2`),
      "SWEEP_DIMENSIONS",
    ],
  ])("refuses %s", (_, name, yaml, words, code) => {
    const refused = () => make(name, yaml, words);
    expect(refused).toThrow(SweepError);
    expect(refused).toThrow(expect.objectContaining({ code, fix: expect.any(String) }));
  });
});

/** Something that happens to a sweep, from numbers: ask, report or end one of the points that run. */
type Step = readonly [kind: number, which: number, value: number];

/** Plays steps, and logs the calls that the sweeper got as a driver would. */
function play(sweeper: Sweeper, steps: readonly Step[]) {
  const log: (
    | { proposed: readonly string[] }
    | { told: PointOutcome }
    | { num: number; report: PointReport; answer: string }
  )[] = [];
  const running = new Map<number, number>();
  let asked = 0;
  for (const [kind, which, value] of steps) {
    const [num, step = 0] = [...running][which % Math.max(1, running.size)] ?? [];
    if (kind < 2 || num === undefined) {
      const point = sweeper.next();
      if (typeof point === "string") continue;
      log.push({ proposed: wordsOf(point) });
      running.set(asked++, 0);
    } else if (kind < 4) {
      const report = { step: step + 1, value };
      log.push({ num, report, answer: sweeper.report?.(num, report) ?? "continue" });
      running.set(num, step + 1);
    } else {
      const status = (["completed", "failed", "pruned", "not_run"] as const)[which % 4] ?? "failed";
      const told = { num, status, value };
      sweeper.tell(told);
      log.push({ told });
      running.delete(num);
    }
  }
  return log;
}

const steps = fc.array(
  fc.tuple(
    fc.nat({ max: 5 }),
    fc.nat({ max: 9 }),
    fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(Number.NaN)),
  ),
  { minLength: 10, maxLength: 90 },
);

describe("a sweep that was killed", () => {
  it.each(["random", "sobol", "tpe"])(
    "%s goes on as if nothing had happened, wherever it was killed",
    (name) => {
      const yaml =
        "{n_trials: 60, seed: 3, n_startup_trials: 3, pruner: {_target_: asha, reduction_factor: 2}}";
      fc.assert(
        fc.property(steps, fc.nat({ max: 90 }), (all, killed) => {
          const whole = play(make(name, yaml), all);
          const again = make(name, yaml);
          for (const event of whole.slice(0, killed)) {
            if ("proposed" in event) expect(wordsOf(again.next())).toEqual(event.proposed);
            else if ("told" in event) again.tell(event.told);
            else expect(again.report?.(event.num, event.report)).toBe(event.answer);
          }
          for (const event of whole.slice(killed)) {
            if ("proposed" in event) expect(wordsOf(again.next())).toEqual(event.proposed);
            else if ("told" in event) again.tell(event.told);
            else expect(again.report?.(event.num, event.report)).toBe(event.answer);
          }
        }),
        { numRuns: 25 },
      );
    },
  );
});

function run(sweeper: Sweeper, value: (params: Readonly<Record<string, string>>) => number): number[] {
  const values: number[] = [];
  for (let point = sweeper.next(); typeof point !== "string"; point = sweeper.next()) {
    values.push(value(point.params));
    sweeper.tell({ num: values.length - 1, status: "completed", value: values.at(-1) });
  }
  return values;
}
