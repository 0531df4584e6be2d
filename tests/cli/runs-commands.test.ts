import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { sparkline } from "../../src/cli/sparkline.ts";
import { SimpleExperimentTracker } from "../../src/tracking/index.ts";
import { runProcess } from "./run-ttm.ts";

const root = mkdtempSync(join(tmpdir(), "ttm-runs-"));

async function makeRun(name: string, losses: readonly number[], rate: number): Promise<void> {
  const tracker = new SimpleExperimentTracker();
  await tracker.startExperiment({ experimentName: "demo", runName: name, runDir: join(root, name) });
  await tracker.logParams({ training: { learning_rate: rate } });
  for (const [step, loss] of losses.entries()) tracker.logMetrics({ val_loss: loss }, { step });
  await tracker.endExperiment({ status: name === "broken" ? "failed" : "completed" });
}

beforeAll(async () => {
  await makeRun("good", [3, 2, 1], 1e-3);
  await makeRun("bad", [3, 4, 5], 1e-2);
  await makeRun("broken", [9], 1e-1);
});

const ttm = (...words: string[]) => runProcess(words);

describe("ttm runs", () => {
  it("lists what fits, sorted, in the columns asked for, as CSV", async () => {
    const { code, stdout } = await ttm(
      ...["runs", "list", root, "--where", "status = completed and metrics.val_loss < 10"],
      ...[
        "--sort",
        "metrics.val_loss",
        "--desc",
        "--columns",
        "name,params.training.learning_rate,metrics.val_loss",
        "--csv",
      ],
    );
    expect(code).toBe(0);
    expect(stdout).toBe("name,params.training.learning_rate,metrics.val_loss\nbad,0.01,5\ngood,0.001,1\n");
  });

  it("shows everything as JSON", async () => {
    const { stdout } = await ttm("runs", "list", root, "--json", "--where", "name = good");
    expect(JSON.parse(stdout)).toMatchObject([
      {
        name: "good",
        status: "completed",
        metrics: { val_loss: 1 },
        params: { "training.learning_rate": 0.001 },
      },
    ]);
  });

  it("draws a run's metrics, and gives every point as CSV", async () => {
    const shown = await ttm("runs", "show", join(root, "good"));
    expect(shown.stdout).toMatch(/^val_loss +3 +1 +1 +3 +█▅▁$/m);
    const points = await ttm("runs", "show", join(root, "good"), "--csv");
    expect(points.stdout.split("\n")[1]).toMatch(/^val_loss,0,\d+,3$/);
  });

  it("compares what differs", async () => {
    const { stdout } = await ttm("runs", "compare", join(root, "good"), join(root, "bad"), "--csv");
    expect(stdout).toContain("params.training.learning_rate,0.001,0.01\nmetrics.val_loss,1,5\n");
  });

  it("removes nothing that nobody confirmed", async () => {
    const asked = await ttm("runs", "delete", join(root, "broken"));
    expect(asked.code).not.toBe(0);
    expect(asked.stderr).toContain("--yes");
    expect(readFileSync(join(root, "broken/journal.jsonl"), "utf8")).not.toBe("");
    expect((await ttm("runs", "delete", join(root, "broken"), "--yes")).code).toBe(0);
    expect((await ttm("runs", "list", root, "--csv")).stdout).not.toContain("broken");
  });

  it("says what a wrong word could have been", async () => {
    const { code, stderr } = await ttm("runs", "lst");
    expect(code).toBe(2);
    expect(stderr).toContain("did you mean 'list'?");
  });
});

describe("sparkline", () => {
  it.each([
    [[1, 2, 3], "▁▅█"],
    [[1, Number.NaN, 3], "▁ █"],
    [[2, 2], "▅▅"],
    [[], ""],
  ])("%j", (values, line) => expect(sparkline(values)).toBe(line));

  it("thins a long series to means", () => {
    expect(sparkline([0, 0, 1, 1, 0, 0], 3)).toBe("▁█▁");
  });
});
