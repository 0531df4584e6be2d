import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Launcher } from "../../src/launch/index.ts";
import { localLauncher } from "../../src/launch/local/local-launcher.ts";
import { localSettings } from "../../src/launch/local/local-settings.ts";
import { contractJob, launcherContract, launcherIn } from "../contracts/launcher.ts";

const oneWorker = new Map([["n_jobs", 1n]]);

launcherContract("local", localLauncher, { settings: new Map([["n_jobs", 2n]]) });

describe("localLauncher", () => {
  let root: string;
  let launcher: Launcher;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "ttm-local-"));
    launcher = launcherIn(root, localLauncher, oneWorker);
  });
  afterEach(async () => {
    await launcher.close();
    rmSync(root, { recursive: true, force: true });
  });
  const signal = new AbortController().signal;
  const job = (num: number, task: string, attempt = 1) =>
    contractJob(root, { num, task, id: String(num), attempt });

  it("keeps what a job prints in the job's folder", async () => {
    await launcher.launch(job(0, "print"), signal);
    expect(readFileSync(join(root, "0", "output.log"), "utf8")).toBe("printed\nlogged\n");
  });

  it("calls a job lost whose process died, and goes on with another process", async () => {
    const lost = await launcher.launch(job(0, "die"), signal);
    expect(lost).toMatchObject({ status: "failed", error: { code: "LAUNCH_JOB_LOST" } });
    expect(String(lost.error)).toContain("SIGKILL");
    expect(await launcher.launch(job(0, "die", 2), signal)).toMatchObject({ status: "completed", result: 2 });
  });

  it("does not run a job again that has completed", async () => {
    const first = await launcher.launch(job(0, "loss"), signal);
    const again = await launcher.launch({ ...job(0, "fail"), attempt: 2 }, signal);
    expect(again).toMatchObject({ status: "completed", attempt: 1, endedAt: first.endedAt });
  });

  it("leaves no process behind", async () => {
    await launcher.launch(job(0, "loss"), signal);
    await launcher.close();
    expect(existsSync(join(root, "0", ".job.lock"))).toBe(false);
  });
});

describe("localSettings", () => {
  const machine = { cores: 8, memoryMb: 16_000 };
  const shares = (settings: Record<string, unknown>, env: Record<string, string> = {}) => {
    const { jobs, share } = localSettings(new Map(Object.entries(settings)) as never, env, machine);
    return { jobs, shares: [share(0), share(1)] };
  };

  it("starts a worker for each core, with one thread", () => {
    const {
      jobs,
      shares: [first],
    } = shares({});
    expect([jobs, first?.env]).toEqual([8, { OMP_NUM_THREADS: "1" }]);
    expect(first?.args).toEqual(["--max-old-space-size=1600"]);
  });

  it("starts no more workers than there is memory for", () => {
    expect(localSettings(new Map(), {}, { cores: 64, memoryMb: 8000 }).jobs).toBe(6);
  });

  it("shares the cores among the workers that were asked for", () => {
    const {
      jobs,
      shares: [first],
    } = shares({ n_jobs: 3n });
    expect([jobs, first?.env["OMP_NUM_THREADS"]]).toEqual([3, "2"]);
    expect(shares({ threads: 4n }).jobs).toBe(2);
  });

  it("leaves a number of threads alone that the user has set for all", () => {
    expect(shares({ n_jobs: 2n }, { OMP_NUM_THREADS: "3" }).shares[0]?.env).toEqual({});
  });

  it("hands out GPUs in turn", () => {
    const ids = (settings: Record<string, unknown>, env = {}) =>
      shares(settings, env).shares.map(({ env: own }) => own["CUDA_VISIBLE_DEVICES"]);
    expect(ids({ gpus: 2n })).toEqual(["0", "1"]);
    expect(ids({ gpus: [3n, 5n] })).toEqual(["3", "5"]);
    expect(ids({}, { CUDA_VISIBLE_DEVICES: "4,7" })).toEqual(["4", "7"]);
    expect(ids({ gpus: 1n }, { CUDA_VISIBLE_DEVICES: "4,7" })).toEqual(["4", "4"]);
    expect(ids({})).toEqual([undefined, undefined]);
    expect(shares({}, { CUDA_VISIBLE_DEVICES: "4,7" }).jobs).toBe(2);
  });

  it("refuses more GPUs than this process may see: a sweep without a place would run nothing", () => {
    for (const seen of ["", "3"]) {
      expect(() => shares({ gpus: 2n }, { CUDA_VISIBLE_DEVICES: seen })).toThrow(
        expect.objectContaining({ code: "LAUNCH_SETTING", where: { text: "hydra.launcher.gpus=2" } }),
      );
    }
  });

  it.each([
    ["n_jobs", 0n],
    ["threads", "many"],
    ["gpus", "all"],
    ["memory_mb", -1n],
  ])("refuses a %s of %s", (key, value) => {
    expect(() => shares({ [key]: value })).toThrow(
      expect.objectContaining({ code: "LAUNCH_SETTING", where: { text: `hydra.launcher.${key}` } }),
    );
  });
});
