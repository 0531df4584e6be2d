import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compose } from "../../../src/config/index.ts";
import { type FileLock, isFileLock, takeLock } from "../../../src/core/index.ts";
import type { JobContext, PreparedJob } from "../../../src/launch/index.ts";
import { jobLockFile, prepareJob, readOutcome, runArrayTask } from "../../../src/launch/index.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ttm-task-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const never = new AbortController().signal;

function job(): PreparedJob {
  const outputDir = join(root, "0");
  mkdirSync(outputDir);
  const composition = compose({
    configDir: null,
    configName: null,
    overrides: [],
    job: { name: "app", num: 0, id: "j" },
  });
  const planned = {
    num: 0,
    jobName: "app",
    mode: "MULTIRUN" as const,
    overrides: [],
    composition,
    sweep: undefined,
  };
  return prepareJob(planned, { outputDir, id: "j" });
}

/** Runs the job as a task that Slurm has started so often before. */
function run(one: PreparedJob, env: Record<string, string>, said: string[] = [], signal = never) {
  const host = {
    json: false,
    stdout: () => {},
    stderr: (text: string) => said.push(text),
    now: () => new Date(),
  };
  const task = ({ attempt, resume }: JobContext) => ({ attempt, resume });
  return runArrayTask({ job: one, task, host, env }, signal);
}

/** As an earlier start of the task has it that still runs. */
function hold({ outputDir }: PreparedJob): FileLock {
  const lock = takeLock(jobLockFile(outputDir));
  if (!isFileLock(lock)) throw new Error("held by somebody else");
  return lock;
}

describe("runArrayTask", () => {
  it("is the first attempt where Slurm says nothing of restarts", async () => {
    expect(await run(job(), {})).toMatchObject({ attempt: 1, result: { attempt: 1, resume: false } });
  });

  it("goes on from the checkpoint where Slurm has started the task before", async () => {
    const outcome = await run(job(), { SLURM_RESTART_COUNT: "2" });
    expect(outcome).toMatchObject({ attempt: 3, result: { attempt: 3, resume: true } });
  });

  it("waits for an earlier start that still runs, and takes its outcome", async () => {
    const one = job();
    const lock = hold(one);
    const said: string[] = [];
    const running = run(one, { SLURM_RESTART_COUNT: "1" }, said);
    expect(readOutcome(one.outputDir)).toBeUndefined();
    lock.release();
    await run(one, {});
    expect(await running).toMatchObject({ status: "completed", attempt: 1 });
    expect(said).toEqual([expect.stringMatching(/runs this job; waiting until it has ended/)]);
  });

  it("gives up waiting when it is told to stop", async () => {
    const one = job();
    const lock = hold(one);
    const stop = new AbortController();
    const running = run(one, {}, [], stop.signal);
    stop.abort(new Error("enough"));
    await expect(running).rejects.toMatchObject({ code: "LAUNCH_JOB_RUNNING" });
    lock.release();
  });
});
