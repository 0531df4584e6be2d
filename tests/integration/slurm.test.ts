import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { closest, SlurmCluster, type Started } from "./slurm-cluster.ts";

const top = mkdtempSync(join(tmpdir(), "sq-"));
const cluster = new SlurmCluster(top);
const whyNoCluster = await cluster.start(3);
if (whyNoCluster !== undefined) process.stderr.write(`skipped: ${whyNoCluster}\n`);

const program = fileURLToPath(new URL("./slurm-app.ts", import.meta.url));
const name = /^sq-/;

/** One job a node, so that few processes share this machine; looks as often as is polite. */
const words = ["-m", "hydra/launcher=slurm", "hydra.sweep.dir=s"].concat(
  ["cpus_per_task=4", "poll_interval_s=5", "grace_s=5"].map((word) => `hydra.launcher.${word}`),
);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(top, "w-"));
  mkdirSync(join(root, "conf"));
  writeFileSync(join(root, "conf", "config.yaml"), "x: 1\nticks: 2\n");
});
afterEach(async () => {
  await cluster.slurm("scancel", "--full", "--user", String(process.getuid?.() ?? 0));
});
afterAll(async () => {
  await cluster.stop();
  rmSync(top, { recursive: true, force: true });
});

const sweep = (...more: string[]): Started =>
  cluster.launch(["--import", import.meta.resolve("tsx"), program, ...words, ...more], root);

const lines = (num: number, file: string) =>
  readFileSync(join(root, "s", String(num), file), "utf8")
    .split("\n")
    .slice(0, -1);

interface Summary {
  readonly status: string;
  readonly jobs: readonly {
    readonly num: number;
    readonly status: string;
    readonly result: number | null;
    readonly error: { readonly code: string; readonly message: string } | null;
  }[];
}

const summary = (): Summary => JSON.parse(readFileSync(join(root, "s", "sweep.json"), "utf8"));
const arrays = () => readdirSync(join(root, "s", ".slurm"));

describe.skipIf(whyNoCluster !== undefined)("the Slurm launcher on a real cluster", () => {
  it("runs a sweep as one array, and takes the results from the jobs' folders", async () => {
    const { text, ended } = sweep("x=range(5)");
    expect(await ended, text()).toEqual({ code: 0, signal: null });
    expect(summary().jobs.map(({ result }) => result)).toEqual([0, 1, 4, 9, 16]);
    expect(arrays()).toEqual(["0"]);
    expect(closest(cluster.calls("squeue"))).toBeGreaterThanOrEqual(5);
  });

  it("goes on from the checkpoint after the warning before the time limit", async () => {
    const { until, text, ended } = sweep("x=3", "ticks=40");
    const [task] = await cluster.tasks(name, "RUNNING");
    await until(/#0/);
    while (!existsSync(join(root, "s", "0", "ticks"))) await cluster.tasks(name, "RUNNING");
    await cluster.slurm("scancel", "--signal=USR2", "--batch", task?.id ?? "");
    expect(await ended, text()).toEqual({ code: 0, signal: null });
    const [first, second, ...rest] = lines(0, "starts").map((line) => line.split(" "));
    expect(rest).toEqual([]);
    expect([first?.[0], first?.[2], second?.[0]]).toEqual(["1", "0", "2"]);
    expect(Number(second?.[2])).toBeGreaterThan(0);
    expect(lines(0, "ends")).toEqual(["2"]);
    expect(arrays()).toEqual(["0"]);
  });

  it("takes up jobs that a killed launcher left in the queue, and submits none twice", async () => {
    const killed = sweep("x=range(6)", "ticks=24");
    await cluster.tasks(name, "RUNNING", 3);
    killed.kill("SIGKILL");
    await killed.ended;
    const { text, ended } = sweep("--resume", join(root, "s"));
    expect(await ended, text()).toEqual({ code: 0, signal: null });
    expect(summary().jobs.map(({ result }) => result)).toEqual([0, 1, 4, 9, 16, 25]);
    expect(arrays()).toEqual(["0"]);
    for (const num of [0, 1, 2, 3, 4, 5]) expect(lines(num, "starts")).toHaveLength(1);
  });

  it("submits once where the controller is dead, and waits for it", async () => {
    await cluster.do("kill-controller");
    const { until, text, ended } = sweep("x=range(2)");
    await until(/no clear answer/);
    await cluster.do("start-controller");
    expect(await ended, text()).toEqual({ code: 0, signal: null });
    expect(arrays()).toEqual(["0"]);
    expect((await cluster.queue()).filter((line) => line.name === queuedName())).toHaveLength(2);
  });

  it("cancels exactly its own jobs on Ctrl-C, those that wait included", async () => {
    const other = await cluster.submit(["--array=0-1", "--cpus-per-task=1", "--wrap=sleep 60"]);
    const { kill, text, ended } = sweep("x=range(8)", "ticks=400", "hydra.launcher.cpus_per_task=2");
    await cluster.tasks(name, "RUNNING", 3);
    kill("SIGINT");
    expect(await ended, text()).toEqual({ code: 130, signal: null });
    expect(summary().status).toBe("interrupted");
    const left = (await cluster.queue()).filter(({ state }) => state === "RUNNING" || state === "PENDING");
    expect(left.map(({ id }) => id)).toEqual([`${other}_0`, `${other}_1`]);
  });

  it("says why jobs can never start, and takes them out of the queue; resumed with less, the sweep runs", async () => {
    const { text, ended } = sweep("x=1,2", "hydra.launcher.partition=short", "hydra.launcher.timeout_min=5");
    expect(await ended, text()).toEqual({ code: 1, signal: null });
    expect(text()).toMatch(/error LAUNCH_SLURM_STUCK: .*: PartitionTimeLimit/);
    expect(summary().status).toBe("interrupted");
    const left = (await cluster.queue()).filter((line) => line.name === queuedName());
    expect(left.filter(({ state }) => state === "PENDING")).toEqual([]);
    const resumed = sweep("--resume", join(root, "s"), "hydra.launcher.timeout_min=1");
    expect(await resumed.ended, resumed.text()).toEqual({ code: 0, signal: null });
    expect(summary().jobs.map(({ result }) => result)).toEqual([1, 4]);
  });

  it("says once what sbatch refused; resumed with what it takes, the sweep runs", async () => {
    const { text, ended } = sweep("x=1,2", "hydra.launcher.partition=typo");
    expect(await ended, text()).toEqual({ code: 1, signal: null });
    expect(text().match(/error LAUNCH_SLURM_REFUSED: .*invalid partition specified: typo/g)).toHaveLength(1);
    const resumed = sweep("--resume", join(root, "s"), "hydra.launcher.partition=main");
    expect(await resumed.ended, resumed.text()).toEqual({ code: 0, signal: null });
    expect(summary().jobs.map(({ result }) => result)).toEqual([1, 4]);
  });

  it("says how a job was lost that left no outcome, with the end of its log", async () => {
    const { text, ended } = sweep(
      "x=1",
      "hydra.launcher.lost_retries=0",
      "hydra.launcher.setup=['echo the node is broken; exit 3']",
    );
    expect(await ended, text()).toEqual({ code: 1, signal: null });
    expect(summary().jobs[0]?.error).toMatchObject({ code: "LAUNCH_JOB_LOST" });
    expect(text()).toContain("ended as FAILED (exit code 3:0)");
    expect(text()).toContain("the node is broken");
  });
});

/** The name in the queue of the sweep's only array. */
function queuedName(): string {
  return JSON.parse(readFileSync(join(root, "s", ".slurm", "0", "batch.json"), "utf8")).job_name;
}
