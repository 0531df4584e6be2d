import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { isFileLock, takeLock } from "../../src/core/index.ts";
import type { Launcher } from "../../src/launch/index.ts";
import { jobLockFile } from "../../src/launch/index.ts";
import type { Fixture, FixtureTask } from "./app-fixture.ts";
import { fixture } from "./app-fixture.ts";

let app: Fixture;
afterEach(() => app.remove());

function start(task?: FixtureTask): Fixture {
  app = fixture(task);
  return app;
}

function summary() {
  return JSON.parse(app.read("s/sweep.json"));
}

function events(kind: string) {
  const lines = app.read("s/sweep.jsonl").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line)).filter(({ event }) => event === kind);
}

/** Runs a sweep of the fixture, and aborts it when `count` of its jobs have ended. */
async function brokenOff(words: readonly string[], count: number): Promise<void> {
  const controller = new AbortController();
  const host = { cwd: app.root, env: {}, now: () => new Date(2026, 0, 2, 3, 4, 5) };
  const running = await app.app.sweep(["-m", "hydra.sweep.dir=s", ...words], {
    signal: controller.signal,
    host,
  });
  let ended = 0;
  for await (const _ of running) {
    ended += 1;
    if (ended === count) controller.abort(new Error("enough"));
  }
}

describe("a sweep that is resumed", () => {
  it("runs what had not ended, and nothing else", async () => {
    start(({ seed }) => seed * 10);
    await brokenOff(["seed=1,2,3,4"], 2);
    expect(summary()).toMatchObject({
      status: "interrupted",
      jobs: [{ result: 10 }, { result: 20 }, { status: "not_run" }, { status: "not_run" }],
    });
    app.calls.length = 0;
    const result = await app.run(["-m", "--resume", "s"]);
    expect(result).toMatchObject({ exit: 0, stderr: expect.stringContaining("2 jobs had ended before\n") });
    expect(app.calls.map(({ config }) => config)).toMatchObject([{ seed: 3 }, { seed: 4 }]);
    expect(summary()).toMatchObject({
      status: "completed",
      total: 4,
      overrides: ["seed=1,2,3,4"],
      jobs: [{ result: 10 }, { result: 20 }, { result: 30 }, { result: 40 }],
    });
    expect(events("ended").map(({ num }) => num)).toEqual([0, 1, 2, 3]);
  });

  it("needs no -m for a sweep's folder, and finds nothing to do in one that has ended", async () => {
    start(({ seed }) => seed);
    await app.run(["-m", "seed=1,2", "hydra.sweep.dir=s"]);
    app.calls.length = 0;
    expect(await app.run(["--resume", "s"])).toMatchObject({ exit: 0 });
    expect(app.calls).toEqual([]);
    expect(summary()).toMatchObject({ status: "completed", jobs: [{ result: 1 }, { result: 2 }] });
  });

  it("goes on where a job was in the middle, in the same folder as another attempt", async () => {
    start(async ({ seed }, { signal, attempt, resume }) => {
      if (attempt > 1) return { seed, resume };
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      return undefined;
    });
    const controller = new AbortController();
    const host = { cwd: app.root, env: {} };
    const options = { signal: controller.signal, host };
    const running = await app.app.sweep(["-m", "seed=5", "hydra.sweep.dir=s"], options);
    while (app.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error("enough"));
    expect((await running.result).summary.jobs).toMatchObject([{ status: "interrupted" }]);
    await app.run(["--resume", "s"]);
    expect(summary().jobs).toMatchObject([
      { status: "completed", result: { seed: 5, resume: true }, attempts: 2, dir: join(app.root, "s", "0") },
    ]);
    expect(app.has("s/0-1")).toBe(false);
  });

  it("grows by further words, and takes up failures no more", async () => {
    start(({ seed }) => {
      if (seed === 2) throw new Error("two is bad");
      return seed;
    });
    expect((await app.run(["-m", "seed=1,2", "hydra.sweep.dir=s"])).exit).toBe(1);
    app.calls.length = 0;
    await app.run(["--resume", "s", "seed=1,2,3"]);
    expect(app.calls.map(({ config }) => config)).toMatchObject([{ seed: 3 }]);
    expect(summary().jobs).toMatchObject([{ result: 1 }, { status: "failed" }, { result: 3 }]);
    // What was added stays added.
    await app.run(["--resume", "s"]);
    expect(summary()).toMatchObject({ total: 3, overrides: ["seed=1,2", "seed=1,2,3"] });
  });

  it("leaves a folder to the job that ended in it, whatever its name", async () => {
    start(({ seed }) => ({ seed }));
    await brokenOff(["seed=1,2,3", "hydra.sweep.subdir=same"], 1);
    app.calls.length = 0;
    await app.run(["--resume", "s"]);
    const dirs = app.calls.map(({ context }) => context.outputDir);
    expect(dirs).toEqual(["same-1", "same-2"].map((name) => join(app.root, "s", name)));
    expect(summary().jobs.map(({ dir }: { dir: string }) => dir)).toEqual([
      join(app.root, "s", "same"),
      ...dirs,
    ]);
  });

  it("hears each step once, and starts no job after it was stopped", async () => {
    start(async ({ seed }, { signal, attempt, report }) => {
      for (const step of [1, 2, 3]) {
        if (step === 3 && attempt === 1)
          await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        await report(seed / step, step);
      }
      return seed;
    });
    const controller = new AbortController();
    const host = { cwd: app.root, env: {} };
    const running = await app.app.sweep(["-m", "seed=5", "hydra.sweep.dir=s"], {
      signal: controller.signal,
      host,
    });
    while (app.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 50));
    controller.abort(new Error("enough"));
    await running.result;
    await app.run(["--resume", "s"]);
    expect(events("report").map(({ step }) => step)).toEqual([1, 2, 3]);
  });

  it("starts nothing once it is stopped, even where it waited for a process of the sweep before", async () => {
    start(({ seed }) => seed);
    await brokenOff(["seed=1,2"], 1);
    const log = join(app.root, "s", "sweep.jsonl");
    const dir = join(app.root, "s", "1");
    mkdirSync(dir);
    const started = { event: "started", num: 1, attempt: 1, id: "1", dir, at: "then" };
    const proposed = { event: "proposed", num: 1, overrides: ["seed=2"], params: { seed: "2" } };
    const lines = app
      .read("s/sweep.jsonl")
      .split("\n")
      .filter((line) => line !== "" && !/"num":1|closed/.test(line));
    writeFileSync(log, [...lines, JSON.stringify(proposed), JSON.stringify(started), ""].join("\n"));
    const lock = takeLock(jobLockFile(dir));
    const controller = new AbortController();
    app.calls.length = 0;
    const running = await app.app.sweep(["--resume", "s"], {
      signal: controller.signal,
      host: { cwd: app.root, env: {} },
    });
    setTimeout(() => controller.abort(new Error("enough")), 50);
    const { outcomes } = await running.result;
    if (isFileLock(lock)) lock.release();
    expect(app.calls).toEqual([]);
    expect(outcomes).toMatchObject([{ status: "completed" }, { status: "interrupted" }]);
  });

  it("refuses words that make another sweep of it", async () => {
    start(({ seed }) => seed);
    await app.run(["-m", "seed=1,2", "hydra.sweep.dir=s"]);
    const result = await app.run(["--resume", "s", "seed=7,8"]);
    expect(result).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/LAUNCH_OTHER_SWEEP[\s\S]*now: {2}seed=7/),
    });
  });

  it("reads the clock of its beginning", async () => {
    start(({ name }) => ({ name }));
    const words = ["seed=1,2", "name=at-${now:%Y}", "hydra.sweep.dir=s"];
    await brokenOff(words, 1);
    await app.run(["--resume", "s"]);
    expect(summary().jobs.map(({ result }: { result: { name: string } }) => result.name)).toEqual([
      "at-2026",
      "at-2026",
    ]);
  });

  it("is refused from another folder, where its paths would lead elsewhere", async () => {
    start(({ seed }) => seed);
    await app.run(["-m", "seed=1,2", "hydra.sweep.dir=s"]);
    const host = { cwd: join(app.root, "conf"), env: {} };
    let stderr = "";
    const exit = await app.app.main(["--resume", "../s"], {
      ...host,
      stderr: (text) => {
        stderr += text;
      },
    });
    expect([exit, stderr]).toEqual([2, expect.stringContaining(`cd ${app.root} && app --multirun --resume`)]);
  });

  it("is not begun anew while it is unfinished, and keeps its log", async () => {
    start(({ seed }) => seed);
    await brokenOff(["seed=1,2,3"], 1);
    const before = events("ended");
    for (const _ of [0, 1]) {
      expect(await app.run(["-m", "seed=7,8", "hydra.sweep.dir=s"])).toMatchObject({
        exit: 1,
        stderr: expect.stringContaining("LAUNCH_UNFINISHED"),
      });
    }
    expect(events("ended")).toEqual(before);
    await app.run(["sweep", "cancel", "s"]);
    expect((await app.run(["-m", "seed=7,8", "hydra.sweep.dir=s"])).exit).toBe(0);
  });

  it("may have each start and end on the disk before it counts", async () => {
    start(({ seed }) => seed);
    expect((await app.run(["-m", "seed=1,2", "hydra.launcher.sync=true", "hydra.sweep.dir=s"])).exit).toBe(0);
    expect(events("ended")).toHaveLength(2);
  });

  it("begins anew where a named folder is used again without --resume", async () => {
    start(({ seed }) => seed);
    await app.run(["-m", "seed=1,2", "hydra.sweep.dir=s"]);
    app.calls.length = 0;
    await app.run(["-m", "seed=3,4", "hydra.sweep.dir=s"]);
    expect(app.calls).toHaveLength(2);
    expect(summary().jobs).toMatchObject([{ result: 3 }, { result: 4 }]);
  });
});

describe("failures in a sweep", () => {
  it("are tried again where that is asked for, with the reason", async () => {
    start(({ seed }, { attempt }) => {
      if (attempt < 3) throw new Error(`not at attempt ${attempt}`);
      return seed;
    });
    const result = await app.run(["-m", "seed=1", "hydra.launcher.retries=2", "hydra.sweep.dir=s"]);
    expect(result).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining("#0  is tried again: not at attempt 2\n"),
    });
    expect(summary().jobs).toMatchObject([{ status: "completed", attempts: 3 }]);
    expect(events("retried").map(({ reason }) => reason)).toEqual(["not at attempt 1", "not at attempt 2"]);
  });

  it("end the sweep where the first one is to", async () => {
    start(({ seed }) => {
      if (seed === 2) throw new Error("two is bad");
      return seed;
    });
    const result = await app.run(["-m", "seed=1,2,3", "hydra.launcher.fail_fast=true", "hydra.sweep.dir=s"]);
    expect(result).toMatchObject({ exit: 1, stderr: expect.stringContaining("LAUNCH_STOPPED") });
    expect(summary()).toMatchObject({
      status: "failed",
      jobs: [{ status: "completed" }, { status: "failed" }, { status: "not_run" }],
    });
  });

  it("end the sweep where they are too many", async () => {
    start(() => {
      throw new Error("bad");
    });
    const words = ["seed=range(0,10)", "hydra.sweeper.max_failure_rate=0.25", "hydra.sweep.dir=s"];
    expect((await app.run(["-m", ...words])).exit).toBe(1);
    expect(app.calls).toHaveLength(3);
  });
});

describe("a sweep that is resumed after failures", () => {
  function failsAtTwo(isMended: () => boolean) {
    start(({ seed }) => {
      if (seed === 2 && !isMended()) throw new Error("two is bad");
      return seed;
    });
  }

  it("is finished where the first failure had ended it, and runs the failed job again where that is asked for", async () => {
    let isMended = false;
    failsAtTwo(() => isMended);
    const words = ["-m", "seed=1,2,3,4", "hydra.launcher.fail_fast=true", "hydra.sweep.dir=s"];
    expect(await app.run(words)).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining("--retry-failed"),
    });
    app.calls.length = 0;
    expect((await app.run(["--resume", "s"])).exit).toBe(1);
    expect(app.calls.map(({ config }) => config)).toMatchObject([{ seed: 3 }, { seed: 4 }]);
    isMended = true;
    app.calls.length = 0;
    expect((await app.run(["--resume", "s", "--retry-failed"])).exit).toBe(0);
    expect(app.calls).toMatchObject([
      { config: { seed: 2 }, context: { attempt: 2, outputDir: join(app.root, "s", "1") } },
    ]);
    expect(events("reopened")).toMatchObject([{ num: 1 }]);
    expect(summary()).toMatchObject({ status: "completed" });
    expect(summary().jobs.map(({ result }: { result: number }) => result)).toEqual([1, 2, 3, 4]);
    expect((await app.run(["sweep", "status", "s"])).stdout).toContain("4 of 4 jobs have ended: 4 completed");
    app.calls.length = 0;
    await app.run(["--resume", "s", "--retry-failed"]);
    expect(app.calls).toEqual([]);
  });

  it("has no more tries than it had", async () => {
    start((_, { attempt, signal }) => {
      if (attempt !== 3) throw new Error("bad luck");
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
    });
    const controller = new AbortController();
    const options = { signal: controller.signal, host: { cwd: app.root, env: {} } };
    const words = ["-m", "seed=1", "hydra.launcher.retries=2", "hydra.sweep.dir=s"];
    const running = await app.app.sweep(words, options);
    while (app.calls.length < 3) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error("enough"));
    await running.result;
    app.calls.length = 0;
    await app.run(["--resume", "s"]);
    expect(app.calls).toHaveLength(1);
  });
});

describe("App.sweep", () => {
  it("gives outcomes as they end, and the best", async () => {
    start(({ seed }) => ({ loss: (seed - 2) ** 2 }));
    const host = { cwd: app.root, env: {} };
    const words = ["-m", "seed=1,2,3", "hydra.sweeper.metric=loss", "hydra.sweep.dir=s"];
    const running = await app.app.sweep(words, { host });
    const nums: unknown[] = [];
    for await (const { num } of running) nums.push(num);
    const { best, dir, summary: written } = await running.result;
    expect(nums).toEqual([0, 1, 2]);
    expect(best).toMatchObject({ value: 0, outcome: { num: 1 } });
    expect([dir, written.status]).toEqual([join(app.root, "s"), "completed"]);
  });

  it("rejects its result for what is wrong with the words", async () => {
    start();
    const running = await app.app.sweep(["-m", "seed=x"], { host: { cwd: app.root, env: {} } });
    await expect(running.result).rejects.toMatchObject({ code: "CONFIG_INVALID_VALUE" });
    await expect(async () => {
      for await (const _ of running);
    }).rejects.toMatchObject({ code: "CONFIG_INVALID_VALUE" });
  });
});

describe("a launcher that fails", () => {
  const words = ["-m", "seed=1,2", "hydra.launcher._target_=mine", "hydra.sweep.dir=s"];
  function startWith(launcher: Partial<Launcher>) {
    const whole: Launcher = {
      slots: 2,
      jobId: String,
      launch: () => Promise.reject(new Error("not asked for")),
      close: async () => {},
      ...launcher,
    };
    app = fixture(undefined, { launchers: { mine: () => whole } });
  }

  it("ends no job: the sweep is broken off, and a resumed one runs them", async () => {
    startWith({ launch: () => Promise.reject(Object.assign(new Error("EIO: i/o error"), { code: "EIO" })) });
    expect(await app.run(words)).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/LAUNCH_ENGINE: the launcher failed: EIO/),
    });
    expect(events("started")).toHaveLength(2);
    expect(events("ended")).toEqual([]);
    expect(summary()).toMatchObject({ status: "interrupted" });
    expect((await app.run(["--resume", "s", "hydra.launcher._target_=basic"])).exit).toBe(0);
    expect(app.calls).toHaveLength(2);
  });

  it("does not look completed where it has no place for a job", async () => {
    startWith({ slots: 0 });
    expect(await app.run(words)).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining("LAUNCH_STALLED"),
    });
    expect(summary().status).toBe("interrupted");
  });

  it("is asked to end what an earlier process left, when the sweep is cancelled", async () => {
    let cancelled = 0;
    startWith({
      launch: () => Promise.reject(new Error("the queue went on without us")),
      cancel: async () => {
        cancelled += 1;
      },
    });
    await app.run(words);
    expect(await app.run(["sweep", "cancel", "s"])).toMatchObject({ exit: 0 });
    expect(cancelled).toBe(1);
    expect((await app.run(["sweep", "status", "s"])).stdout).toContain("state   cancelled");
  });

  it("leaves the cancellation to a process to which the sweep is being handed on", async () => {
    start(({ seed }) => seed);
    await brokenOff(["seed=1,2"], 1);
    await app.run(["sweep", "cancel", "s"]);
    app.calls.length = 0;
    const handed = { TTM_HANDED_SWEEP: join(app.root, "s") };
    expect((await app.run(["--multirun", "--resume", "s"], handed)).exit).toBe(130);
    expect(app.calls).toEqual([]);
    expect((await app.run(["--resume", "s"])).exit).toBe(0);
    expect(app.calls).toHaveLength(1);
  });
});
