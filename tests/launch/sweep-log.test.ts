import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseOverrides } from "../../src/config/index.ts";
import type { SweepEvent, SweepHeader } from "../../src/launch/index.ts";
import { beginSweep, readSweepLog, resumeSweep } from "../../src/launch/index.ts";
import { lockFolder } from "../../src/launch/lock-folder.ts";
import { replayLog } from "../../src/launch/replay-log.ts";
import type { PointOutcome, Sweeper } from "../../src/sweep/index.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ttm-log-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const header: SweepHeader = {
  event: "sweep",
  version: 1,
  app: "app",
  argv: ["--multirun", "--", "x=1,2"],
  rerun: null,
  cwd: "/there",
  now: "2026-01-02T03:04:05.000Z",
  sweeper: "basic",
  launcher: "basic",
};
const proposed = (num: number, x: number): SweepEvent => {
  return { event: "proposed", num, overrides: [`x=${x}`], params: { x: String(x) } };
};
const ended = (num: number, result: number): SweepEvent => ({
  event: "ended",
  num,
  attempt: 1,
  status: "completed",
  result,
  error: null,
  last_report: { step: 2, value: Number.POSITIVE_INFINITY },
  dir: "/there/0",
  started_at: null,
  ended_at: null,
});

function begun(...events: SweepEvent[]) {
  const release = lockFolder(root);
  try {
    const sweep = beginSweep({ dir: root, isNew: false, release: () => {} }, header);
    for (const event of events) sweep.log.append(event);
    sweep.release();
  } finally {
    release();
  }
}

describe("the sweep's log", () => {
  it("reads back what was appended, numbers that JSON lacks among it", () => {
    begun(proposed(0, 1), ended(0, Number.NaN));
    expect(readSweepLog(root)).toEqual({ header, events: [proposed(0, 1), ended(0, Number.NaN)] });
  });

  it("leaves texts alone that look like such numbers", () => {
    const event: SweepEvent = { event: "proposed", num: 0, overrides: ["x=NaN"], params: { x: "NaN" } };
    begun(event);
    expect(readSweepLog(root).events).toEqual([event]);
  });

  it("leaves a torn last line out, and goes on after what is whole", () => {
    begun(proposed(0, 1));
    appendFileSync(join(root, "sweep.jsonl"), '{"event":"started","nu');
    expect(readSweepLog(root).events).toEqual([proposed(0, 1)]);
    const sweep = resumeSweep(root, header.argv);
    sweep.log.append(proposed(1, 2));
    sweep.release();
    expect(readSweepLog(root).events).toMatchObject([proposed(0, 1), { event: "resumed" }, proposed(1, 2)]);
  });

  it("names the line that is damaged elsewhere", () => {
    begun(proposed(0, 1), proposed(1, 2));
    const lines = readFileSync(join(root, "sweep.jsonl"), "utf8").split("\n");
    writeFileSync(join(root, "sweep.jsonl"), [lines[0], "{", ...lines.slice(2)].join("\n"));
    expect(() => readSweepLog(root)).toThrow(
      expect.objectContaining({ code: "LAUNCH_NO_SWEEP", where: { text: `${join(root, "sweep.jsonl")}:2` } }),
    );
  });

  it("says that a folder is no sweep's", () => {
    expect(() => readSweepLog(root)).toThrow(expect.objectContaining({ code: "LAUNCH_NO_SWEEP" }));
  });

  it("does not begin where an unfinished sweep would be lost", () => {
    const started = { event: "started", num: 0, attempt: 1, id: "0", dir: "/there/0", at: "then" } as const;
    begun(proposed(0, 1));
    begun(proposed(0, 1), started);
    expect(() => begun()).toThrow(expect.objectContaining({ code: "LAUNCH_UNFINISHED" }));
    appendFileSync(join(root, "sweep.jsonl"), '{"event":"closed","status":"interrupted","at":""}\n');
    expect(() => begun()).toThrow(expect.objectContaining({ code: "LAUNCH_UNFINISHED" }));
    expect(readSweepLog(root).events).toContainEqual(started);
    appendFileSync(join(root, "sweep.jsonl"), '{"event":"closed","status":"failed","at":""}\n');
    begun();
    expect(readSweepLog(root).events).toEqual([]);
  });

  it("lets one process at a time work on a sweep", () => {
    begun();
    const first = resumeSweep(root, header.argv);
    expect(() => resumeSweep(root, header.argv)).toThrow(
      expect.objectContaining({ code: "LAUNCH_FOLDER_IN_USE" }),
    );
    first.release();
    resumeSweep(root, header.argv).release();
  });
});

describe("replayLog", () => {
  /** Proposes x=1, x=2, …, and keeps what it is told. */
  function recorder(calls: unknown[] = []): Sweeper & { readonly calls: unknown[] } {
    let x = 0;
    return {
      total: 3,
      calls,
      next: () => {
        x += 1;
        return x > 3 ? "done" : { overrides: parseOverrides([`x=${x}`]), params: { x: String(x) } };
      },
      tell: (outcome: PointOutcome) => calls.push(["tell", outcome.num, outcome.value]),
      report: (num, { step, value }) => {
        calls.push(["report", num, step, value]);
        return "continue";
      },
    };
  }

  it("repeats the calls in their order, and says what is open", () => {
    const started = { event: "started", num: 1, attempt: 2, id: "1", dir: "/there/1", at: "then" } as const;
    const events: SweepEvent[] = [
      proposed(0, 1),
      proposed(1, 2),
      { event: "report", num: 0, step: 1, value: 5, answer: "continue" },
      ended(0, 7),
      started,
      { event: "interrupted", num: 1, attempt: 2 },
    ];
    const sweeper = recorder();
    const state = replayLog(sweeper, events);
    expect(sweeper.calls).toEqual([
      ["report", 0, 1, 5],
      ["tell", 0, 7],
    ]);
    expect(state.asked).toBe(2);
    expect(state.outcomes).toMatchObject([{ num: 0, overrides: ["x=1"], params: { x: "1" }, result: 7 }]);
    expect(state.open).toMatchObject([{ num: 1, started: { attempt: 2, dir: "/there/1" } }]);
  });

  it("counts what was tried and heard, and opens again what failed", () => {
    const failed = { ...ended(0, 0), status: "failed" } as const;
    const events: SweepEvent[] = [
      proposed(0, 1),
      { event: "retried", num: 0, attempt: 1, reason: "bad luck", lost: false },
      { event: "retried", num: 0, attempt: 2, reason: "its process died", lost: true },
      { event: "report", num: 0, step: 3, value: 5, answer: "stop" },
    ];
    const [open] = replayLog(recorder(), events).open;
    expect(open?.past).toMatchObject({
      tried: { failed: 1, lost: 1 },
      heard: { step: 3, answer: "stop" },
      isReopened: false,
    });
    expect(replayLog(recorder(), [...events, failed])).toMatchObject({ outcomes: [{ num: 0 }], open: [] });
    const again = replayLog(recorder(), [...events, failed, { event: "reopened", num: 0, at: "now" }]);
    expect(again).toMatchObject({ outcomes: [], open: [{ num: 0 }] });
    expect(again.open[0]?.past).toMatchObject({ tried: { failed: 0, lost: 0 }, isReopened: true });
  });

  it("refuses a sweeper that proposes something else", () => {
    expect(() => replayLog(recorder(), [proposed(0, 5)])).toThrow(
      expect.objectContaining({
        code: "LAUNCH_OTHER_SWEEP",
        where: { text: "job #0", detail: ["then: x=5", "now:  x=1"] },
      }),
    );
  });
});
