import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compose } from "../../src/config/index.ts";
import type { JobHost, JobTask, LauncherFactory, PreparedJob } from "../../src/launch/index.ts";
import { prepareJob, runJob } from "../../src/launch/index.ts";

const host: JobHost = { json: false, stdout: () => {}, stderr: () => {}, now: () => new Date() };

/** What every launcher must do, whatever engine it runs jobs on. The tasks only use their config and folder. */
export function launcherContract(name: string, factory: LauncherFactory): void {
  describe(`launcher ${name}`, () => {
    let root: string;
    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), "ttm-launcher-"));
    });
    afterEach(() => rmSync(root, { recursive: true, force: true }));

    const launcherFor = (task: JobTask) =>
      factory({
        settings: new Map(),
        sweepDir: root,
        runHere: (job, signal) => runJob(job, task, host, signal),
      });
    const signal = new AbortController().signal;

    it("runs a job and hands back its result, number, folder and times", async () => {
      const launcher = launcherFor(() => ({ loss: 0.5 }));
      const outcome = await launcher.launch(job(root, 0, launcher.jobId(0)), signal);
      await launcher.close();
      expect(outcome).toMatchObject({
        num: 0,
        status: "completed",
        result: { loss: 0.5 },
        dir: join(root, "0"),
      });
      expect(outcome.error).toBeUndefined();
      expect(Date.parse(outcome.endedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(outcome.startedAt ?? ""));
    });

    it("answers a failing task with an outcome, and runs the next job", async () => {
      const launcher = launcherFor(({ num }) => {
        if (num === 0) throw new Error("asked to fail");
        return 1;
      });
      const failed = await launcher.launch(job(root, 0, launcher.jobId(0)), signal);
      const next = await launcher.launch(job(root, 1, launcher.jobId(1)), signal);
      await launcher.close();
      expect(failed).toMatchObject({ num: 0, status: "failed", result: undefined });
      expect(String(failed.error)).toContain("asked to fail");
      expect(next).toMatchObject({ num: 1, status: "completed" });
    });

    it("tells a job that is running to stop", async () => {
      const controller = new AbortController();
      const launcher = launcherFor(({ signal: jobSignal }) => {
        controller.abort(new Error("stop"));
        jobSignal.throwIfAborted();
        return 1;
      });
      const outcome = await launcher.launch(job(root, 0, launcher.jobId(0)), controller.signal);
      await launcher.close();
      expect(outcome.status).toBe("interrupted");
    });

    it("has at least one slot and an id for every job", () => {
      const launcher = launcherFor(() => 1);
      expect(launcher.slots).toBeGreaterThanOrEqual(1);
      expect(launcher.jobId(0)).not.toBe(launcher.jobId(1));
    });

    it("keeps the config that was written before the job started", async () => {
      const launcher = launcherFor(({ configYaml }) => ({ configYaml }));
      const prepared = job(root, 3, launcher.jobId(3));
      const outcome = await launcher.launch(prepared, signal);
      await launcher.close();
      expect(outcome.result).toEqual({ configYaml: "x: 3\n" });
      expect(readFileSync(join(root, "3", ".hydra", "config.yaml"), "utf8")).toBe("x: 3\n");
    });
  });
}

function job(root: string, num: number, id: string): PreparedJob {
  const composition = compose({
    configDir: null,
    configName: null,
    overrides: [`+x=${num}`, `hydra.sweep.dir=${root}`],
    mode: "MULTIRUN",
    job: { name: "contract", num, id },
  });
  const planned = {
    num,
    jobName: "contract",
    mode: "MULTIRUN" as const,
    overrides: composition.overrides.task,
    composition,
    sweep: { dir: root, count: undefined, params: {} },
  };
  return prepareJob(planned, { outputDir: join(root, String(num)), id });
}
