import { describe, expect, it } from "vitest";
import { compose, type PlainValue } from "../../../src/config/index.ts";
import { TtmErrors } from "../../../src/core/index.ts";
import { findLauncher, hydraMap, type LaunchError } from "../../../src/launch/index.ts";
import { sbatchArguments } from "../../../src/launch/slurm/sbatch-arguments.ts";
import { readSlurmSettings } from "../../../src/launch/slurm/slurm-settings.ts";

const places = { sweepDir: "/sweeps/a", cwd: "/here" };

/** The settings that a command line gives, composed as for a sweep. */
function settingsOf(...overrides: string[]): ReadonlyMap<string, PlainValue> {
  const words = ["hydra/launcher=slurm", ...overrides];
  const composition = compose({
    configDir: null,
    configName: null,
    overrides: words,
    mode: "MULTIRUN",
    job: { name: "ttm" },
  });
  return hydraMap(composition, "launcher");
}

const read = (...overrides: string[]) => readSlurmSettings(settingsOf(...overrides), places);

function faultsOf(...overrides: string[]): readonly LaunchError[] {
  try {
    read(...overrides);
  } catch (fault) {
    return fault instanceof TtmErrors ? (fault.errors as LaunchError[]) : [fault as LaunchError];
  }
  return [];
}

describe("readSlurmSettings", () => {
  it("asks for an hour and nothing else by default", () => {
    expect(read()).toEqual({
      options: ["--time=60"],
      name: "ttm",
      folder: "/sweeps/a/.slurm",
      parallelism: undefined,
      signalDelay: 120,
      maxTimeouts: 3,
      setup: [],
      oneLog: true,
      pollSeconds: 15,
      graceSeconds: 30,
    });
  });

  it.each([
    ["hydra.launcher.timeout_min=5", "--time=5"],
    ["hydra.launcher.partition=gpu", "--partition=gpu"],
    ["hydra.launcher.account=ab12", "--account=ab12"],
    ["hydra.launcher.qos=long", "--qos=long"],
    ["hydra.launcher.gres=gpu:a100:2", "--gres=gpu:a100:2"],
    ["hydra.launcher.cpus_per_task=4", "--cpus-per-task=4"],
    ["hydra.launcher.gpus_per_node=1", "--gpus-per-node=1"],
    ["hydra.launcher.mem_gb=8", "--mem=8G"],
    ["hydra.launcher.mem_gb=0.5", "--mem=512M"],
    ["hydra.launcher.mem_per_cpu=2G", "--mem-per-cpu=2G"],
    ["hydra.launcher.constraint='skylake&ib'", "--constraint=skylake&ib"],
    ["+hydra.launcher.additional_parameters.reservation=exam", "--reservation=exam"],
    ["+hydra.launcher.additional_parameters.mail_type=END", "--mail-type=END"],
    ["+hydra.launcher.additional_parameters.exclusive=true", "--exclusive"],
  ])("%s is %s", (word, option) => {
    expect(read(word).options).toContain(option);
  });

  it("takes submitit's class path and keys", () => {
    const submitit = compose({
      configDir: null,
      configName: null,
      overrides: ["hydra/launcher=submitit_slurm", "hydra.sweep.dir=out"],
      mode: "MULTIRUN",
      job: { name: "app" },
    });
    const settings = hydraMap(submitit, "launcher");
    expect(findLauncher(String(settings.get("_target_")))).toBe(findLauncher("slurm"));
    expect(readSlurmSettings(settings, places)).toMatchObject({
      folder: "/here/out/.submitit",
      maxTimeouts: 0,
      oneLog: false,
    });
  });

  it("warns well inside the time limit, however long the delay", () => {
    expect(read("hydra.launcher.timeout_min=1").signalDelay).toBe(15);
    expect(read("hydra.launcher.signal_delay_s=30").signalDelay).toBe(30);
  });

  it("never looks at the queue more than once in 5 seconds", () => {
    expect(read("hydra.launcher.poll_interval_s=0").pollSeconds).toBe(5);
  });

  it("finds all faults in one go", () => {
    const faults = faultsOf(
      "hydra.launcher.timeout_min=0",
      "hydra.launcher.mem_gb=much",
      "hydra.launcher.setup={a: 1}",
      "+hydra.launcher.partitoin=gpu",
    );
    expect(faults.map(({ where }) => where?.text)).toEqual([
      "hydra.launcher.timeout_min",
      "hydra.launcher.mem_gb",
      "hydra.launcher.setup",
      "hydra.launcher.partitoin",
    ]);
    expect(faults.every(({ code }) => code === "LAUNCH_SLURM_SETTING")).toBe(true);
    expect(faults.find(({ where }) => where?.text.endsWith("partitoin"))?.fix).toContain("'partition'");
  });

  it.each([
    ["hydra.launcher.nodes=2", "one process"],
    ["hydra.launcher.tasks_per_node=4", "one process"],
    ["hydra.launcher.srun_args=['--mpi=none']", "without srun"],
    ["+hydra.launcher.additional_parameters.array=0-3", "sets --array itself"],
    ["+hydra.launcher.additional_parameters.A=1", "no option of sbatch"],
  ])("refuses %s", (word, what) => {
    const [fault, ...rest] = faultsOf(word);
    expect(rest).toEqual([]);
    expect(fault?.code).toBe("LAUNCH_SLURM_SETTING");
    expect(fault?.message).toContain(what);
  });

  it("refuses text of several lines", () => {
    const settings = new Map<string, PlainValue>([["comment", "a\nb"]]);
    expect(() => readSlurmSettings(settings, places)).toThrow(
      "hydra.launcher.comment must be one line of text",
    );
  });
});

describe("sbatchArguments", () => {
  const words = (overrides: string[], tasks: number, folder = "/s/.slurm/0") =>
    sbatchArguments({ settings: read(...overrides), jobName: "ttm-0a", folder, tasks });

  it("asks for an array that is requeued, warned by SIGUSR2 and logged beside its script", () => {
    expect(words([], 60)).toEqual([
      "--parsable",
      "--array=0-59",
      "--requeue",
      "--open-mode=append",
      "--export=ALL",
      "--job-name=ttm-0a",
      "--output=/s/.slurm/0/%a.log",
      "--signal=B:USR2@120",
      "--time=60",
      "/s/.slurm/0/script.sh",
    ]);
  });

  it("limits how many tasks run at once, where there are more", () => {
    expect(words(["hydra.launcher.array_parallelism=4"], 10)[1]).toBe("--array=0-9%4");
    expect(words(["hydra.launcher.array_parallelism=4"], 4)[1]).toBe("--array=0-3");
  });

  it("quotes a % in the sweep's folder", () => {
    expect(words([], 1, "/s/50%a/.slurm/0")).toContain("--output=/s/50%%a/.slurm/0/%a.log");
    expect(words(["hydra.launcher.stderr_to_stdout=false"], 1)).toContain("--error=/s/.slurm/0/%a.err");
  });
});
