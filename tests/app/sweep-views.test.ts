import { describe, expect, it } from "vitest";
import type { JobOutcome } from "../../src/app/index.ts";
import { LiveView } from "../../src/app/live-view.ts";
import { plainView } from "../../src/app/plain-view.ts";
import { SweepProgress } from "../../src/app/sweep-progress.ts";

const facts = { dir: "/s", total: 4, objectives: [{ direction: "minimize", metric: undefined }] } as const;
const job = (num: number) => {
  const params = { lr: `0.${num}` };
  return { num, overrides: [`lr=0.${num}`, "fixed=1"], sweep: { dir: "/s", count: 4, params } };
};
const end = (num: number, more: Partial<JobOutcome> = {}): JobOutcome => ({
  num,
  overrides: [],
  params: { lr: `0.${num}` },
  dir: null,
  status: "completed",
  result: num,
  error: undefined,
  startedAt: "2026-01-01T00:00:00.000Z",
  endedAt: "2026-01-01T00:00:00.500Z",
  ...more,
});

describe("SweepProgress", () => {
  it("counts, names the best, and says how long the rest will take", () => {
    const progress = new SweepProgress(facts, 0);
    for (const num of [2, 1, 3]) progress.started(job(num), num === 3 ? 2 : 1, 0);
    progress.ended(end(2));
    progress.ended(end(1, { status: "failed", error: new Error("bad") }));
    progress.reported(3, { step: 5, value: 0.123456789 });
    expect(progress.countLine(60_000)).toBe("2 of 4 done, 1 failed, 1 running, about 1 min 0 s left");
    expect(progress.bestLine()).toBe("best  #2  2  lr=0.2");
    expect(progress.runningLines(60_000, 5)).toEqual(["#3  lr=0.3  1 min 0 s  step 5: 0.123457  attempt 2"]);
  });

  it("knows no best where nothing is optimised, and no time where nothing has ended", () => {
    const progress = new SweepProgress({ ...facts, total: undefined, objectives: undefined }, 0);
    progress.restored(end(0));
    expect([progress.countLine(1000), progress.bestLine()]).toEqual(["1 done", undefined]);
  });

  it("shows as many running jobs as there is room for", () => {
    const progress = new SweepProgress(facts, 0);
    for (const num of [0, 1, 2]) progress.started(job(num), 1, 0);
    expect(progress.runningLines(0, 1)).toEqual(["#0  lr=0.0  0 s", "… and 2 more"]);
  });
});

describe("plainView", () => {
  it("has a line for a start, a retry, and an end that was long in coming", () => {
    let text = "";
    const view = plainView((more) => {
      text += more;
    });
    view.begin(facts);
    view.started(job(0), 1);
    view.ended(end(0));
    view.retried(1, "lost");
    view.started(job(1), 2);
    view.ended(end(1, { endedAt: "2026-01-01T00:02:00.000Z", result: 1 / 3 }));
    view.note("look");
    expect(text).toBe(
      "#0  lr=0.0 fixed=1\n#1  is tried again: lost\n#1  lr=0.1 fixed=1   (attempt 2)\n#1  completed: 0.333333, 2 min 0 s\nnote: look\n",
    );
  });
});

describe("LiveView", () => {
  it("draws over its picture, and leaves what should stay", () => {
    let text = "";
    const stream = {
      isTTY: true,
      columns: 60,
      rows: 12,
      write: (more: string) => {
        text += more;
        return true;
      },
    } as NodeJS.WriteStream;
    const view = new LiveView(stream);
    view.begin(facts);
    view.started(job(0), 1);
    view.print("a job's own words\n");
    view.ended(end(0, { status: "failed", error: new Error("bad luck") }));
    view.close();
    expect(text).toContain("sweep  /s\n");
    expect(text).toMatch(/0 of 4 done, 1 running\n#0 {2}lr=0\.0 {2}0 s\n/);
    expect(text).toContain("a job's own words\n");
    expect(text).toContain("#0  failed: bad luck\n");
    expect(text).toMatch(/1 of 4 done, 1 failed, about 0 s left\n/);
  });
});
