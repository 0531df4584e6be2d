import { existsSync, readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { syncRemotes } from "../../src/tracking/index.ts";
import { bundleTracking, lastReturned, runModule, trainingText } from "./killed-process.ts";
import { readLines } from "./read-run-files.ts";
import { readWandbRun } from "./wandb/read-wandb-run.ts";

describe("kill -9 of a process that logs", () => {
  let tracking: string;
  beforeAll(async () => {
    tracking = await bundleTracking();
  });

  it.each([400, 700, 1_100, 1_500])(
    "after %i ms: every call that returned is kept, once, in files and for W&B",
    async (after) => {
      const runDir = await mkdtemp(join(tmpdir(), "ttm-killed-"));
      const output = join(runDir, "returned.txt");
      const tracker =
        "new CompositeTracker([new SimpleExperimentTracker(), new WandbExperimentTracker({ env: {} })])";
      await runModule(tracking, trainingText(tracker, runDir, "killed"), output).killAfter(after);
      const returned = lastReturned(output);
      if (!existsSync(join(runDir, "journal.jsonl"))) return expect(returned).toBe(-1);
      const reports = await syncRemotes(runDir, { onWarning: () => undefined });
      const lines = await readLines(join(runDir, "metrics.jsonl"));
      const steps = lines.filter(({ name }) => name === "a").map(({ step }) => Number(step));
      expect(steps).toEqual(steps.map((_, at) => at));
      expect(steps.length).toBeGreaterThanOrEqual(returned + 1);
      const summary = JSON.parse(readFileSync(join(runDir, "run_summary.json"), "utf8"));
      expect(summary).toMatchObject({ status: "killed" });
      if (reports.length === 0) return;
      const kept = await readWandbRun(runDir);
      expect(kept.points).toHaveLength(lines.length);
      expect(kept.status).toBe("killed");
    },
  );
});
