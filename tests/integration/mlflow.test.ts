import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CompositeTracker,
  MLflowExperimentTracker,
  SimpleExperimentTracker,
  syncRun,
} from "../../src/tracking/index.ts";
import { type DumpedRun, dump, MlflowServer, startFaultProxy, whyNoServer } from "./mlflow-server.ts";

if (whyNoServer !== undefined) process.stderr.write(`skipped: ${whyNoServer}\n`);

const versions = (process.env["TTM_MLFLOW_VERSIONS"] ?? "3.17.0").split(",");
const servers = versions.flatMap((version) => ["sqlite", "file"].map((backend) => ({ version, backend })));
const newFolder = () => mkdtemp(join(tmpdir(), "ttm-integration-"));
const quiet = { onWarning: () => undefined };

/** `metrics.jsonl` in the form of the dump: [step, time, value] by name, sorted as it sorts. */
async function pointsOnDisk(runDir: string, backend: string): Promise<DumpedRun["metrics"]> {
  const byName: DumpedRun["metrics"] = {};
  const lines = (await readFile(join(runDir, "metrics.jsonl"), "utf8"))
    .split("\n")
    .filter((line) => line !== "");
  for (const line of lines) {
    const { name, value, step, time } = JSON.parse(line);
    byName[name] ??= [];
    byName[name].push([step, time, backend === "file" ? value : asSqlKeeps(value)]);
  }
  for (const points of Object.values(byName)) points.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return Object.fromEntries(Object.entries(byName).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** SQL servers have no infinities. */
function asSqlKeeps(value: number | string): number | string {
  if (value === "Infinity") return Number.MAX_VALUE;
  return value === "-Infinity" ? -Number.MAX_VALUE : value;
}

const theOne = (runs: readonly DumpedRun[]): DumpedRun => {
  expect(runs).toHaveLength(1);
  return runs[0] as DumpedRun;
};

describe.skipIf(whyNoServer !== undefined).each(servers)(
  "MLflow $version on $backend",
  ({ version, backend }) => {
    const server = new MlflowServer(`ttm-it-${version}-${backend}`, [
      "--version",
      version,
      "--backend",
      backend,
    ]);
    beforeAll(() => server.start());
    afterAll(() => server.wipe());

    const both = (uri: string, options = {}) =>
      new CompositeTracker(
        [new SimpleExperimentTracker(quiet), new MLflowExperimentTracker(uri, { ...quiet, ...options })],
        quiet,
      );

    async function logSteps(
      tracker: CompositeTracker,
      from: number,
      to: number,
      pause: number,
    ): Promise<void> {
      for (let step = from; step < to; step++) {
        const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][step % 50];
        tracker.logMetrics(
          { train_loss: odd ?? Math.exp(-step / 100), learning_rate: 1e-3 / (step + 1) },
          { step, epoch: step / 100 },
        );
        if (pause > 0 && step % 20 === 0) await wait(pause);
      }
    }

    it("holds a whole run: points, params, tags, artifacts, status, parent", async () => {
      const parentDir = await newFolder();
      const parent = new MLflowExperimentTracker(server.uri, quiet);
      const { runId } = await parent.startExperiment({ experimentName: "sweep", runDir: parentDir });
      const runDir = await newFolder();
      const tracker = both(server.uri);
      await tracker.startExperiment({
        experimentName: "sweep",
        runName: "child",
        runDir,
        parentRunId: runId,
        tags: { team: "grüße" },
      });
      await tracker.logParams({ training: { learning_rate: 1e-3, layers: [1, 2] }, long: "x".repeat(7_000) });
      await logSteps(tracker, 0, 3_000, 0);
      const big = Buffer.alloc(3_000_000, 7);
      await writeFile(join(runDir, "größe +100%.bin"), big);
      await tracker.logArtifact(join(runDir, "größe +100%.bin"), "files");
      await tracker.logModel({ name: "adapter", path: join(runDir, "größe +100%.bin"), info: { rank: 8 } });
      await tracker.endExperiment({ status: "completed" });
      await parent.endExperiment({ status: "completed" });

      const runs = await dump(server.uri, "sweep");
      const child = runs.find(({ parent: id }) => id !== null) as DumpedRun;
      expect(child.parent).toBe(runs.find(({ parent: id }) => id === null)?.id);
      expect(child.status).toBe("FINISHED");
      expect(child.metrics).toEqual(await pointsOnDisk(runDir, backend));
      expect(child.params).toMatchObject({
        "training.learning_rate": "0.001",
        "training.layers": "[1,2]",
        long: "x".repeat(6_000),
      });
      expect(child.tags).toMatchObject({
        team: "grüße",
        "mlflow.runName": "child",
        "mlflow.source.type": "LOCAL",
      });
      const sha256 = createHash("sha256").update(big).digest("hex");
      expect(child.artifacts).toMatchObject([
        { path: "files/größe +100%.bin", size: 3_000_000, sha256 },
        { path: "model/adapter/größe +100%.bin", sha256 },
        { path: "model/adapter/model_info.json" },
      ]);
    });

    it("lost no point and doubled none when it was killed and came back", async () => {
      const runDir = await newFolder();
      const tracker = both(server.uri, { deadlineSeconds: 120 });
      await tracker.startExperiment({ experimentName: "killed-server", runDir });
      const restart = wait(1_500)
        .then(() => server.kill())
        .then(() => wait(2_000))
        .then(() => server.start());
      await logSteps(tracker, 0, 4_000, 30);
      await tracker.endExperiment({ status: "completed" });
      await restart;
      const run = theOne(await dump(server.uri, "killed-server"));
      expect(run.metrics).toEqual(await pointsOnDisk(runDir, backend));
      expect(run.status).toBe("FINISHED");
    });

    it("lost no point and doubled none over a line that breaks in every way", async () => {
      const proxy = await startFaultProxy(server.uri, [
        { fault: "reset-after", path: "runs/create", count: 1 },
        { fault: "reset-after", path: "log-batch", every: 5 },
        { fault: "reset-before", path: "log-batch", every: 4 },
        { fault: "status", status: 429, retry_after: 0, every: 9 },
        { fault: "status", status: 503, forward: true, path: "log-batch", every: 6 },
        { fault: "bad-json", path: "log-batch", every: 7 },
        { fault: "truncate", path: "log-batch", every: 8 },
      ]);
      const runDir = await newFolder();
      try {
        const tracker = both(proxy.uri, { deadlineSeconds: 120 });
        await tracker.startExperiment({ experimentName: "faults", runDir });
        await tracker.logParams({ a: 1 });
        await logSteps(tracker, 0, 3_000, 30);
        await tracker.endExperiment({ status: "completed" });
      } finally {
        await proxy.stop();
      }
      const run = theOne(await dump(server.uri, "faults"));
      expect(run.metrics).toEqual(await pointsOnDisk(runDir, backend));
      expect(run.status).toBe("FINISHED");
    });

    it("gets the rest of a run whose process was killed, and learns that it was killed", async () => {
      const runDir = await newFolder();
      const script = `
      import { CompositeTracker, MLflowExperimentTracker, SimpleExperimentTracker } from ${JSON.stringify(join(import.meta.dirname, "../../src/tracking/index.ts"))};
      const tracker = new CompositeTracker([new SimpleExperimentTracker(), new MLflowExperimentTracker(${JSON.stringify(server.uri)})]);
      await tracker.startExperiment({ experimentName: "killed-client", runDir: ${JSON.stringify(runDir)} });
      for (let step = 0; ; step++) {
        tracker.logMetrics({ a: step / 7, b: step % 50 ? step : NaN }, { step });
        if (step % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 40));
      }`;
      const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
        stdio: "ignore",
      });
      await wait(5_000);
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("exit", resolve));
      expect(await syncRun(runDir, server.uri, quiet)).toMatchObject({ pending: 0, refused: 0 });
      expect(await syncRun(runDir, server.uri, quiet)).toMatchObject({ sent: 0, pending: 0 });
      const run = theOne(await dump(server.uri, "killed-client"));
      const points = await pointsOnDisk(runDir, backend);
      expect(points["a"]?.length).toBeGreaterThan(1_000);
      expect(run.metrics).toEqual(points);
      expect(run.status).toBe("KILLED");
    });
  },
);
