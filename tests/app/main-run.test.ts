import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ConfigError } from "../../src/config/index.ts";
import type { Fixture, FixtureTask } from "./app-fixture.ts";
import { fixture } from "./app-fixture.ts";

let app: Fixture;
afterEach(() => app.remove());

function start(task?: FixtureTask): Fixture {
  app = fixture(task);
  return app;
}

const runDir = "outputs/2026-01-02/03-04-05";

describe("App.main, a single run", () => {
  it("hands the task its typed config and writes the run's files", async () => {
    start(({ name }, { print, log }) => {
      print(`${name}\n`);
      log("hello");
      return 3;
    });
    const result = await app.run(["seed=2", "hydra.job.name=job"]);
    expect(result).toMatchObject({ exit: 0, stdout: "my-2\n" });
    expect(result.stderr).toMatch(/^\[2026-01-02 03:04:05,000\]\[job\]\[INFO\] - hello\n$/);
    const out = join(app.root, runDir);
    expect(app.calls[0]?.config).toEqual({
      db: { host: "my", port: 3306 },
      rate: 0.1,
      seed: 2,
      name: "my-2",
      out,
    });
    expect(app.calls[0]?.context).toMatchObject({
      outputDir: out,
      jobName: "job",
      num: null,
      id: null,
      mode: "RUN",
      overrides: ["seed=2"],
      sweep: undefined,
    });
    expect(app.read(`${runDir}/.hydra/overrides.yaml`)).toBe("- seed=2\n");
    expect(app.read(`${runDir}/.hydra/config.yaml`)).toContain("name: ${db.host}-${seed}\n");
    expect(app.read(`${runDir}/.hydra/hydra.yaml`)).toContain(`output_dir: ${out}\n`);
    expect(app.read(`${runDir}/job.log`)).toContain("[INFO] - hello\n");
  });

  it("never shares a folder that the clock named, and takes the user's again", async () => {
    start();
    await Promise.all([app.run([]), app.run([]), app.run([])]);
    const dirs = app.calls.map(({ context }) => context.outputDir).sort();
    expect(dirs).toEqual(["", "-1", "-2"].map((suffix) => join(app.root, runDir + suffix)));
    expect(app.calls.map(({ config }) => (config as { out: string }).out).sort()).toEqual(dirs);
    await app.run(["hydra.run.dir=by-${hydra.job.name}-${now:%H}"]);
    await app.run(["hydra.run.dir=by-${hydra.job.name}-${now:%H}"]);
    expect([app.has("by-app-03/app.log"), app.has("by-app-03-1/app.log")]).toEqual([true, true]);
    await app.run(["hydra.run.dir=mine"]);
    expect(await app.run(["hydra.run.dir=mine"])).toMatchObject({ exit: 0 });
    expect(app.has("mine-1")).toBe(false);
  });

  it("refuses a named folder while a live run holds it", async () => {
    start(async (_, { signal }) => {
      if (signal.aborted || app.calls.length > 1) return;
      expect(await app.run(["hydra.run.dir=mine"])).toMatchObject({
        exit: 1,
        stderr: expect.stringContaining("LAUNCH_FOLDER_IN_USE"),
      });
    });
    expect(await app.run(["hydra.run.dir=mine"])).toMatchObject({ exit: 0 });
    expect(app.calls).toHaveLength(1);
    expect(app.has("mine/.run.lock")).toBe(false);
  });

  it("writes no YAML where hydra.output_subdir is null, and no log where logging is off", async () => {
    start();
    await app.run(["hydra.output_subdir=null", "hydra/job_logging=none", "hydra.run.dir=bare"]);
    expect([app.has("bare"), app.has("bare/.hydra"), app.has("bare/app.log")]).toEqual([true, false, false]);
  });

  it("sets hydra.job.env_set for the job alone", async () => {
    let seen: string | undefined;
    start(() => {
      seen = process.env["TTM_TEST_X"];
    });
    await app.run(["+hydra.job.env_set.TTM_TEST_X=5"]);
    expect([seen, process.env["TTM_TEST_X"]]).toEqual(["5", undefined]);
  });

  it.each<[string[], number, RegExp]>([
    [["nope=1"], 1, /^error CONFIG_UNKNOWN_KEY/],
    [["sed=1"], 1, /did you mean 'seed'\?/],
    [["seed=x"], 1, /CONFIG_INVALID_VALUE[\s\S]*override 1 of 1 {3}seed=x/],
    [["rate=-1", "seed=x"], 1, /'rate'[\s\S]*'seed'/],
    [["a=[", "b=("], 1, /a=\[[\s\S]*b=\(/],
    [["seed=1,2"], 1, /CONFIG_SWEEP_AMBIGUOUS[\s\S]*--multirun/],
    [["-cn", "nope"], 1, /CONFIG_PRIMARY_MISSING/],
    [["--bogus"], 2, /^error APP_UNKNOWN_FLAG/],
    [["hydra.run.dir=conf/config.yaml/x"], 1, /^error LAUNCH_FOLDER/],
  ])("%j prints faults without a stack", async (argv, exit, stderr) => {
    start();
    const result = await app.run(argv);
    expect(result).toMatchObject({ exit, stdout: "", stderr: expect.stringMatching(stderr) });
    expect(result.stderr).not.toMatch(/\n\s+at .*\.ts:/);
    expect(app.calls).toEqual([]);
  });

  it("prints the stack of a user's fault with TTM_FULL_ERROR=1 or HYDRA_FULL_ERROR=1", async () => {
    start();
    for (const name of ["TTM_FULL_ERROR", "HYDRA_FULL_ERROR"]) {
      expect((await app.run(["nope=1"], { [name]: "1" })).stderr).toMatch(/\n\s+at .*\.ts:/);
    }
  });

  it("prints all of a task's own error, and a TtmError of a task as one", async () => {
    start(() => {
      throw new Error("outer", { cause: new Error("inner") });
    });
    const bug = await app.run(["seed=2"]);
    expect(bug).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/the job failed {3}seed=2\nError: outer\n[\s\S]*inner/),
    });
    app.remove();
    start(() => {
      throw new ConfigError("CONFIG_SET", "not like that", { fix: "like this" });
    });
    expect((await app.run([])).stderr).toContain("error CONFIG_SET: not like that\n  fix  like this\n");
  });

  it("says --json to the task", async () => {
    start((config, { json, print }) => {
      if (json) print(JSON.stringify({ seed: config.seed }));
    });
    expect((await app.run(["--json"])).stdout).toBe('{"seed":1}');
  });

  it("warns that the working directory does not change", async () => {
    start();
    const before = process.cwd();
    expect((await app.run(["hydra.job.chdir=true"])).stderr).toContain("warning: hydra.job.chdir");
    expect(process.cwd()).toBe(before);
  });
});

describe("App.compose and App.run", () => {
  it("compose without running, flags included", () => {
    start();
    const composition = app.app.compose(["-cn", "other", "seed=3"], { cwd: app.root });
    expect(composition.overrides.task).toEqual(["seed=3"]);
    expect(app.has("outputs")).toBe(false);
  });

  it("run one job and hand back how it ended", async () => {
    start(({ seed }) => ({ double: seed * 2 }));
    const outcome = await app.app.run(["seed=4"], { host: { cwd: app.root } });
    expect(outcome).toMatchObject({ status: "completed", result: { double: 8 }, overrides: ["seed=4"] });
    await expect(app.app.run(["seed=x"], { host: { cwd: app.root } })).rejects.toThrow(ConfigError);
  });
});

describe("an app's own defaults", () => {
  it("stand before the user's words", async () => {
    app = fixture(() => undefined, { defaults: ["hydra.run.dir=by-default", "seed=9"] });
    mkdirSync(join(app.root, "x"), { recursive: true });
    writeFileSync(join(app.root, "x", "keep"), "");
    await app.run(["seed=10"]);
    expect(app.calls[0]?.config).toMatchObject({ seed: 10 });
    expect(app.has("by-default/.hydra/config.yaml")).toBe(true);
  });
});
