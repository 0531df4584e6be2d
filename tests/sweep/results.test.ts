import { describe, expect, it } from "vitest";
import type { PlainValue } from "../../src/config/index.ts";
import { parseOverrides } from "../../src/config/index.ts";
import type { RecordedOutcome, SweepRequest } from "../../src/sweep/index.ts";
import { exportOptunaJournal, optimizationResults } from "../../src/sweep/index.ts";

const words = [
  "lr=tag(log,interval(1e-5,1e-1))",
  "n=int(interval(1,9))",
  "kind=choice(a,'b c')",
  "p=zip(1,2)",
  "q=zip(x,y)",
];

function request(...settings: [string, PlainValue][]): SweepRequest {
  return { overrides: parseOverrides(words), settings: new Map(settings), groupOptions: () => [] };
}

const good = { lr: "1e-05", n: "9", kind: "b\\ c", p: "2", q: "y" };
const bad = { lr: "0.01", n: "1", kind: "a", p: "1", q: "x" };

function outcome(num: number, rest: Partial<RecordedOutcome>): RecordedOutcome {
  const startedAt = new Date(Date.UTC(2026, 0, 1, 0, 0, num)).toISOString();
  const endedAt = new Date(Date.UTC(2026, 0, 1, 0, 1, num)).toISOString();
  return { num, params: bad, status: "completed", result: undefined, startedAt, endedAt, ...rest };
}

describe("optimizationResults", () => {
  const outcomes = [
    outcome(0, { result: 0.5 }),
    outcome(1, { result: { val_loss: 0.25 }, params: good }),
    outcome(2, { status: "failed" }),
    outcome(3, { result: Number.NaN }),
    outcome(4, { status: "pruned", result: 0.1 }),
  ];

  it("is what Hydra's plug-in writes: typed params and the value of the best completed job", () => {
    expect(optimizationResults({ request: request(), outcomes })).toBe(
      "name: optuna\nbest_params:\n  lr: 1.0e-05\n  'n': 9\n  kind: b c\n  p: 2\n  q: 'y'\nbest_value: 0.25\n",
    );
  });

  it("turns round where the value is maximised", () => {
    const text = optimizationResults({ request: request(["direction", "maximize"]), outcomes });
    expect(text).toContain("best_value: 0.5");
  });

  it("lists the solutions that none dominates", () => {
    const values = [
      [1, 5],
      [2, 2],
      [3, 3],
      [5, 1],
    ];
    const several = values.map((result, num) => outcome(num, { result, params: { n: String(num) } }));
    const directions = request(["direction", ["minimize", "minimize"]]);
    expect(optimizationResults({ request: directions, outcomes: several })).toBe(
      [
        "name: optuna",
        "solutions:",
        ...[0, 1, 3].flatMap((num) => solution(num, values[num] ?? [])),
        "",
      ].join("\n"),
    );
  });

  it("is nothing where no job completed", () => {
    expect(optimizationResults({ request: request(), outcomes: outcomes.slice(2) })).toBeUndefined();
  });
});

function solution(num: number, values: readonly number[]): string[] {
  return ["- params:", `    'n': ${num}`, "  values:", ...values.map((value) => `  - ${value}.0`)];
}

describe("exportOptunaJournal", () => {
  const outcomes = [
    outcome(1, {
      status: "pruned",
      params: good,
      reports: [
        { step: 1, value: 0.5 },
        { step: 2, value: Number.NaN },
      ],
    }),
    outcome(0, { result: 0.5, reports: [{ step: 1, value: 0.9 }] }),
    outcome(2, { status: "failed" }),
    outcome(3, { status: "not_run", startedAt: null, endedAt: null }),
  ];
  const lines = exportOptunaJournal({ name: "demo", request: request(), outcomes }).trimEnd().split("\n");

  it("creates the study, then a trial for each job that started, by number", () => {
    expect(lines[0]).toBe('{"op_code":0,"worker_id":"ttm","study_name":"demo","directions":[1]}');
    expect(lines.map((line) => /"num":(\d)/.exec(line)?.[1])).toEqual([undefined, "0", "1", "2"]);
    expect(lines.map((line) => /"state":(\d)/.exec(line)?.[1])).toEqual([undefined, "1", "2", "3"]);
  });

  it("writes a trial as Optuna's storage does, values in its inner form", () => {
    expect(JSON.parse(lines[1] ?? "")).toEqual({
      op_code: 4,
      worker_id: "ttm",
      study_id: 0,
      datetime_start: "2026-01-01T00:00:00.000000+00:00",
      datetime_complete: "2026-01-01T00:01:00.000000+00:00",
      state: 1,
      value: 0.5,
      values: null,
      distributions: {
        lr: '{"name":"FloatDistribution","attributes":{"log":true,"step":null,"low":0.00001,"high":0.1}}',
        n: '{"name":"IntDistribution","attributes":{"log":false,"step":1,"low":1,"high":9}}',
        kind: '{"name":"CategoricalDistribution","attributes":{"choices":["a","b c"]}}',
        "p,q": '{"name":"CategoricalDistribution","attributes":{"choices":["p=1 q=x","p=2 q=y"]}}',
      },
      params: { lr: 0.01, n: 1, kind: 0, "p,q": 0 },
      user_attrs: { num: 0 },
      system_attrs: {},
      intermediate_values: { "1": 0.9 },
    });
  });

  it("writes not-a-number as Python does", () => {
    expect(lines[2]).toContain('"intermediate_values":{"1":0.5,"2":NaN}');
    expect(lines[2]).toContain('"params":{"lr":0.00001,"n":9,"kind":1,"p,q":1}');
  });
});
