import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { closest, type QueueLine, SlurmCluster } from "./slurm-cluster.ts";

const repository = resolve(import.meta.dirname, "../..");
const isBuilt = existsSync(join(repository, "dist/cli/main.js"));

const top = mkdtempSync(join(tmpdir(), "sq-"));
const cluster = new SlurmCluster(top);
const whyNot = isBuilt ? await cluster.start(3) : "ttm is not built: npm run build";
if (whyNot !== undefined) process.stderr.write(`skipped: ${whyNot}\n`);

afterAll(async () => {
  await cluster.stop();
  rmSync(top, { recursive: true, force: true });
});

/** 60 jobs: 20 rates for each of 3 ranks. */
const rates = Array.from({ length: 20 }, (_, step) => `${step + 1}e-4`).join(",");

/** One job a node, and jobs as light as a real model allows. */
const words = [
  "--multirun",
  "hydra/launcher=slurm",
  "hydra.launcher.cpus_per_task=4",
  "hydra.launcher.poll_interval_s=5",
  "hydra.sweep.dir=s",
  `training.learning_rate=${rates}`,
  "training.lora_rank=1,2,4",
  "training.num_epochs=2",
  "data.stride=8",
  "model.weights=bundled",
  "runtime.workers=1",
];

interface Outcome {
  readonly status: string;
  readonly attempt: number;
  readonly result: Readonly<Record<string, number>>;
}

const folder = join(top, "s");
const outcomes = (): readonly Outcome[] =>
  Array.from({ length: 60 }, (_, num) => join(folder, String(num), "outcome.json"))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, "utf8")));

const completed = () => outcomes().filter(({ status }) => status === "completed").length;

async function untilCompleted(count: number): Promise<void> {
  while (completed() < count) await wait(200);
}

/** A job of the sweep that has not run for long, on that node or on any. */
async function justStarted(node?: string): Promise<QueueLine> {
  let before: readonly string[] | undefined;
  for (;;) {
    const lines = await cluster.queue();
    const running = lines.filter(({ name, state }) => /^ttm/.test(name) && state === "RUNNING");
    const known = before ?? running.map(({ id }) => id);
    const fresh = running.find((line) => !known.includes(line.id) && (node ?? line.node) === line.node);
    if (fresh !== undefined) return fresh;
    before = running.map(({ id }) => id);
    await wait(100);
  }
}

describe.skipIf(whyNot !== undefined)("a sweep of 60 TTM jobs on Slurm", () => {
  it("ends complete through a dead node, a dead controller and two preemptions", {
    timeout: 1_500_000,
  }, async () => {
    const held = await cluster.submit(["--hold", "--wrap=true"]);
    const others = await cluster.submit(["--hold", "--array=0-2", "--wrap=true"], true);
    const { until, text, ended } = cluster.launch([join(repository, "bin/ttm.js"), ...words], top);
    await until(/#0/);

    await untilCompleted(3);
    await justStarted("n2");
    await cluster.do("kill-node", "n2");

    const urgent: string[] = [];
    for (const count of [6, 8]) {
      await untilCompleted(count);
      const { node } = await justStarted();
      urgent.push(
        await cluster.submit(["--partition=urgent", `--nodelist=${node}`, "--exclusive", "--wrap=true"]),
      );
    }

    await untilCompleted(12);
    await cluster.do("kill-controller");
    await wait(12_000);
    await cluster.do("start-controller");
    await cluster.do("start-node", "n2");

    expect(await ended, text()).toEqual({ code: 0, signal: null });
    const summary = JSON.parse(readFileSync(join(folder, "sweep.json"), "utf8"));
    expect(summary).toMatchObject({ status: "completed", total: 60 });
    expect(summary.jobs).toHaveLength(60);
    for (const { status, result } of summary.jobs) {
      expect(status).toBe("completed");
      expect(result.test_mse).toBeGreaterThan(0);
    }
    // One was on the dead node, two were preempted: each went on with a further attempt, in the same array.
    expect(outcomes().filter(({ attempt }) => attempt > 1).length).toBeGreaterThanOrEqual(3);
    expect(readdirSync(join(folder, ".slurm"))).toEqual(["0", "1"]);
    expect(cluster.calls("sbatch")).toHaveLength(2);
    expect(cluster.calls("scancel")).toEqual([]);
    expect(closest(cluster.calls("squeue"))).toBeGreaterThanOrEqual(5);
    const left = await cluster.queue();
    const states = (id: string) =>
      left.filter((line) => line.id.split("_")[0] === id).map(({ state }) => state);
    expect(states(held)).toEqual(["PENDING"]);
    expect(states(others)).toEqual(["PENDING", "PENDING", "PENDING"]);
    expect(urgent.map(states)).toEqual([["COMPLETED"], ["COMPLETED"]]);
  });
});
