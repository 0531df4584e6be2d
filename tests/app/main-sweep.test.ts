import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { AppOptions, Sweeper } from "../../src/app/index.ts";
import { parseOverrides } from "../../src/app/index.ts";
import { basicLauncher } from "../../src/launch/index.ts";
import type { Fixture, FixtureTask } from "./app-fixture.ts";
import { fixture } from "./app-fixture.ts";

let app: Fixture;
afterEach(() => app.remove());

const sweepDir = "multirun/2026-01-02/03-04-05";

function start(task?: FixtureTask, options: Partial<AppOptions> = {}): Fixture {
  app = fixture(task, options as never);
  return app;
}

function summary(dir = sweepDir) {
  return JSON.parse(app.read(`${dir}/sweep.json`));
}

describe("App.main, a sweep", () => {
  it("runs every combination in its own folder, first key slowest", async () => {
    start(({ seed, rate }) => ({ score: seed * rate }));
    const result = await app.run(["-m", "seed=1,2", "rate=0.5,1e3", "db=pg"]);
    expect(result).toMatchObject({ exit: 0, stdout: "" });
    expect(app.calls.map(({ config }) => config)).toMatchObject([
      { seed: 1, rate: 0.5 },
      { seed: 1, rate: 1000 },
      { seed: 2, rate: 0.5 },
      { seed: 2, rate: 1000 },
    ]);
    expect(app.calls[3]?.context).toMatchObject({
      outputDir: join(app.root, sweepDir, "3"),
      num: 3,
      id: "3",
      mode: "MULTIRUN",
      overrides: ["seed=2", "rate=1000.0", "db=pg"],
      sweep: { dir: join(app.root, sweepDir), count: 4, params: { seed: "2", rate: "1000.0" } },
    });
    expect(app.read(`${sweepDir}/3/.hydra/overrides.yaml`)).toBe("- seed=2\n- rate=1000.0\n- db=pg\n");
    expect(app.read(`${sweepDir}/multirun.yaml`)).toContain("- seed=1,2\n");
    expect(summary()).toMatchObject({
      status: "completed",
      total: 4,
      overrides: ["seed=1,2", "rate=0.5,1e3", "db=pg"],
      jobs: [
        { num: 0, status: "completed", result: { score: 0.5 } },
        { num: 1 },
        { num: 2 },
        { num: 3, error: null },
      ],
    });
  });

  it("prints a table that compares the jobs", async () => {
    start(({ seed }) => ({ score: seed / 3 }));
    const { stderr } = await app.run(["-m", "seed=1,2"]);
    expect(stderr).toContain(
      "#  seed  status     score\n0  1     completed  0.333333\n1  2     completed  0.666667\n",
    );
  });

  it("lets the app summarize instead", async () => {
    start(() => 1, { summarize: (outcomes) => `${outcomes.length} done\n` });
    expect((await app.run(["-m", "seed=1,2"])).stderr).toContain("2 done\n");
  });

  it("goes on after a failed job and exits with 1", async () => {
    start(({ seed }) => {
      if (seed === 1) throw new Error("seed 1 is bad");
      return seed;
    });
    const result = await app.run(["-m", "seed=1,2"]);
    expect(result.exit).toBe(1);
    expect(result.stderr).toMatch(/#0 failed {3}seed=1\nError: seed 1 is bad\n/);
    expect(summary()).toMatchObject({
      status: "failed",
      jobs: [
        { status: "failed", error: { code: "Error", message: "seed 1 is bad" }, result: null },
        { status: "completed", result: 2 },
      ],
    });
  });

  it("checks every job before the first one starts", async () => {
    start();
    const result = await app.run(["-m", "seed=1,2,x"]);
    expect(result).toMatchObject({ exit: 1, stderr: expect.stringContaining("CONFIG_INVALID_VALUE") });
    expect(app.calls).toEqual([]);
  });

  it("keeps the type of a swept value", async () => {
    start(() => undefined);
    await app.run(["-m", "name=choice('1',null)", "seed=2"]);
    expect(app.calls).toHaveLength(0);
    await app.run(["-m", "name=choice('1','a#b')"]);
    expect(app.calls.map(({ config }) => config)).toMatchObject([{ name: "1" }, { name: "a#b" }]);
    expect(app.calls[1]?.context.overrides).toEqual(["name=a#b"]);
  });

  it("gives two jobs with one name two folders, and an unnamed one its number", async () => {
    start();
    await app.run(["-m", "seed=1,2", "rate=1,2", "hydra.sweep.dir=s", "hydra.sweep.subdir=${seed}"]);
    expect(["1", "1-1", "2", "2-1"].map((dir) => app.has(`s/${dir}/.hydra/config.yaml`))).toEqual(
      Array(4).fill(true),
    );
    await app.run(["-m", "hydra.sweep.dir=t", "hydra.sweep.subdir=${hydra.job.override_dirname}"]);
    expect(app.has("t/0/.hydra/config.yaml")).toBe(true);
  });

  it("gives two sweeps of one second two folders", async () => {
    start();
    await Promise.all([app.run(["-m", "seed=1,2"]), app.run(["-m", "seed=1,2"])]);
    expect([app.has(`${sweepDir}/1/app.log`), app.has(`${sweepDir}-1/1/app.log`)]).toEqual([true, true]);
  });

  it("takes hydra.mode and hydra.sweeper.params from words", async () => {
    start();
    await app.run(["hydra.mode=MULTIRUN", "hydra.sweeper.params.seed='4,5'"]);
    expect(app.calls.map(({ config }) => config)).toMatchObject([{ seed: 4 }, { seed: 5 }]);
  });

  it.each<[string[], RegExp]>([
    [["rate=interval(0,1)"], /SWEEP_KIND_UNSUPPORTED[\s\S]*rate=interval\(0,1\)/],
    [["db=glob(z*)"], /SWEEP_EMPTY[\s\S]*it offers: mysql, pg/],
    [["seed=range(3,1)"], /SWEEP_EMPTY/],
    [["hydra.job.name=a,b"], /CONFIG_SWEEP_HYDRA/],
    [["hydra.sweeper.max_batch_size=0"], /SWEEP_BATCH_SIZE/],
    [["hydra.launcher._target_=nope"], /LAUNCH_UNKNOWN_LAUNCHER[\s\S]*there are: basic/],
    [["hydra.sweeper._target_=nope"], /SWEEP_UNKNOWN_SWEEPER/],
    [["hydra/launcher=nope"], /CONFIG_UNKNOWN_OPTION/],
  ])("%j is refused", async (words, stderr) => {
    start();
    expect(await app.run(["-m", ...words])).toMatchObject({ exit: 1, stderr: expect.stringMatching(stderr) });
    expect(app.calls).toEqual([]);
  });

  it("prints one object with --json, and sends the tasks' own text to standard error", async () => {
    start((_, { print }) => {
      print("noise\n");
      return 1;
    });
    const { stdout, stderr } = await app.run(["-m", "seed=1,2", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ status: "completed", jobs: [{ result: 1 }, { result: 1 }] });
    expect(stderr).toContain("noise\n");
  });

  it("takes registered sweepers and launchers by name, several jobs at once", async () => {
    const told: unknown[] = [];
    let running = 0;
    let most = 0;
    const countdown = (): Sweeper => {
      let left = 4;
      return {
        total: undefined,
        next: () => (left === 0 ? "done" : { overrides: [], params: { left: String(left--) } }),
        tell: ({ value }) => told.push(value),
      };
    };
    start(
      async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return app.calls.length;
      },
      {
        sweepers: { countdown },
        launchers: { pair: (request) => ({ ...basicLauncher(request), slots: 2 }) },
      },
    );
    const words = ["hydra.sweeper._target_=countdown", "hydra.launcher._target_=pair"];
    expect(await app.run(["-m", ...words])).toMatchObject({ exit: 0 });
    expect([told.length, most]).toEqual([4, 2]);
    expect(summary()).toMatchObject({ total: null, jobs: [{ params: { left: "4" } }, {}, {}, { num: 3 }] });
  });

  it("lets --multirun win over hydra.mode=RUN", async () => {
    start();
    await app.run(["-m", "hydra.mode=RUN", "seed=1,2"]);
    expect(app.calls).toHaveLength(2);
    expect(app.read(`${sweepDir}/0/.hydra/hydra.yaml`)).toContain("mode: MULTIRUN\n");
  });

  it("fails a job, not the sweep, whose later point or whose result is wrong", async () => {
    const faulty = (): Sweeper => {
      let num = 0;
      return {
        total: 260,
        next: () => {
          num++;
          if (num > 260) return "done";
          return { overrides: num === 260 ? parseOverrides(["seed=x"]) : [], params: {} };
        },
        tell: () => {},
      };
    };
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    start((_, { num }) => (num === 7 ? circular : 1), { sweepers: { faulty } });
    expect((await app.run(["-m", "hydra.sweeper._target_=faulty"])).exit).toBe(1);
    const wrong = summary().jobs.filter(({ status }: { status: string }) => status !== "completed");
    expect(wrong).toMatchObject([
      { num: 7, error: { code: "LAUNCH_RESULT" } },
      { num: 259, dir: null, error: { code: "CONFIG_INVALID_VALUE" } },
    ]);
  });

  it("writes values that JSON lacks as texts", async () => {
    start(() => ({ loss: Number.NaN }));
    await app.run(["-m", "seed=1"]);
    expect(summary().jobs[0].result).toEqual({ loss: "NaN" });
  });
});
