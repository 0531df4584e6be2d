import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Fixture } from "./app-fixture.ts";
import { fixture } from "./app-fixture.ts";

let app: Fixture;
beforeEach(() => {
  app = fixture();
});
afterEach(() => app.remove());

describe("faults as they are printed", () => {
  it.each<[string[], string[]]>([
    [
      ["--multrun"],
      ["error APP_UNKNOWN_FLAG: no flag '--multrun'", "  at   --multrun", "  fix  did you mean --multirun?"],
    ],
    [
      ["--cfg", "jobs"],
      ["error APP_FLAG_VALUE: --cfg cannot be 'jobs'", "  at   --cfg jobs", "  fix  --cfg job|hydra|all"],
    ],
    [
      ["--cfg", "job", "-m"],
      [
        "error APP_FLAG_CONFLICT: --multirun and --cfg exclude each other",
        "  at   --multirun and --cfg",
        "  fix  keep one of them",
      ],
    ],
    [
      ["--cfg", "job", "-p", "nope"],
      [
        "error APP_NO_SUCH_KEY: 'nope' is not in the config",
        "  at   --package nope",
        "  fix  --cfg job shows all of it",
      ],
    ],
    [
      ["-m", "seed=interval(0,1)"],
      [
        "error SWEEP_KIND_UNSUPPORTED: the grid sweeper cannot list the values of an interval ('seed')",
        "  at   override   seed=interval(0,1)",
        "  fix  give values (seed=range(0,10,2) or seed=1,2,3), or search it: hydra/sweeper=tpe, random or sobol",
      ],
    ],
    [
      ["-m", "db=glob(q*)"],
      [
        "error SWEEP_EMPTY: 'db' has no value to take, so there would be no job",
        "  at   override   db=glob(q*)",
        "  fix  it offers: mysql, pg",
      ],
    ],
    [
      ["-m", "hydra.sweeper.max_batch_size=x"],
      [
        "error SWEEP_BATCH_SIZE: hydra.sweeper.max_batch_size must be a whole number above 0, not x",
        "  at   hydra.sweeper.max_batch_size",
        "  fix  hydra.sweeper.max_batch_size=10, or null for one batch",
      ],
    ],
    [
      ["-m", "hydra.sweeper.params=5"],
      [
        "error SWEEP_PARAMS: hydra.sweeper.params must be a mapping of keys to sweeps",
        "  at   hydra.sweeper.params",
        "  fix  write   params: {seed: '1,2,3'}",
      ],
    ],
    [
      ["-m", "hydra.sweeper._target_=basics"],
      [
        "error SWEEP_UNKNOWN_SWEEPER: no sweeper is registered as 'basics'",
        "  at   hydra.sweeper._target_",
        "  fix  did you mean 'basic'? there are: basic, random, sobol, tpe, optuna",
      ],
    ],
    [
      ["-m", "hydra.launcher._target_=basics"],
      [
        "error LAUNCH_UNKNOWN_LAUNCHER: no launcher is registered as 'basics'",
        "  at   hydra.launcher._target_",
        "  fix  did you mean 'basic'? there are: basic, local, slurm",
      ],
    ],
    [
      ["hydra.run.dir="],
      [
        "error LAUNCH_SETTING: hydra.run.dir names no folder",
        "  at   hydra.run.dir",
        "  fix  hydra.run.dir=outputs/my-run",
      ],
    ],
    [
      ["hydra.run.dir=conf/config.yaml"],
      [
        "error LAUNCH_FOLDER: cannot make the output folder (EEXIST)",
        "  at   <ROOT>/conf/config.yaml",
        "  fix  a file has that name: move it, or choose another folder",
      ],
    ],
  ])("%j", async (argv, lines) => {
    const { stderr } = await app.run(argv);
    expect(stderr.replaceAll(app.root, "<ROOT>")).toBe(`${lines.join("\n")}\n`);
  });
});
