import { execFile } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CompositeTracker,
  exportMlruns,
  findRuns,
  MLflowExperimentTracker,
  ModelRegistry,
  mirrorRegistry,
  SimpleExperimentTracker,
} from "../../src/tracking/index.ts";
import { MlflowServer, mlflowPython, whyNoServer } from "./mlflow-server.ts";

if (whyNoServer !== undefined) process.stderr.write(`skipped: ${whyNoServer}\n`);
const quiet = { onWarning: () => undefined };

interface Version {
  readonly source: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** What the calls of this test answer. */
interface Answer {
  readonly model_versions: readonly Version[];
  readonly model_version: Version;
  readonly models: readonly unknown[];
}

/** A run with a model folder, on a server or only in its folder. */
async function madeRun(uri: string | undefined): Promise<string> {
  const runDir = await mkdtemp(join(tmpdir(), "ttm-registry-"));
  const remotes = uri === undefined ? [] : [new MLflowExperimentTracker(uri, { ...quiet, env: {} })];
  const tracker = new CompositeTracker([new SimpleExperimentTracker(quiet), ...remotes], quiet);
  await tracker.startExperiment({
    experimentName: "registry",
    runName: "one",
    runDir,
    tags: { team: "grüße" },
  });
  await tracker.logParams({ training: { lr: 1e-3 } });
  for (let step = 0; step < 300; step++)
    tracker.logMetrics({ loss: step % 50 ? 1 / step : Number.NaN, "val/loss": -step }, { step });
  await mkdir(join(runDir, "adapter"));
  await writeFile(join(runDir, "adapter/adapter_config.json"), "{}");
  await tracker.logModel({ name: "adapter", path: join(runDir, "adapter"), info: { rank: 8 } });
  await tracker.endExperiment({ status: "completed" });
  return runDir;
}

describe.skipIf(whyNoServer !== undefined)("with a real MLflow", () => {
  const server = new MlflowServer("ttm-registry", []);
  beforeAll(() => server.start());
  afterAll(() => server.wipe());

  it("a registry's versions and aliases are on the server, once, however often it is mirrored", async () => {
    const runDir = await madeRun(server.uri);
    const registry = new ModelRegistry(await mkdtemp(join(tmpdir(), "ttm-models-")));
    const origin = {
      run_id: "r",
      run_dir: runDir,
      experiment: "registry",
      user: "ada",
      config_sha256: "c0ffee",
      base_weights_sha256: null,
      data_sha256: null,
      git_commit: null,
    };
    for (const _ of [1, 2])
      await registry.register({ name: "demand", folder: join(runDir, "adapter"), origin, metrics: {} });
    await registry.setAlias("demand", "champion", 1);
    for (const _ of [1, 2])
      expect(await mirrorRegistry(registry, server.uri, { env: {} })).toMatchObject({
        versions: 2,
        aliases: 1,
        without_run: [],
      });
    const ask = async (path: string, init: RequestInit = {}): Promise<Answer> =>
      (await fetch(`${server.uri}/api/2.0/mlflow/${path}`, init)).json() as Promise<Answer>;
    const { model_versions: versions } = await ask(
      `model-versions/search?filter=${encodeURIComponent("name = 'demand'")}&max_results=10`,
    );
    expect(versions).toHaveLength(2);
    expect(versions[0]?.tags).toContainEqual({ key: "ttm.config_sha256", value: "c0ffee" });
    const { model_version: champion } = await ask("registered-models/alias?name=demand&alias=champion");
    expect(champion.tags).toContainEqual({ key: "ttm.version", value: "1" });
    const { models } = await ask("logged-models/search", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ experiment_ids: [versions[0]?.source.split("/")[1]], max_results: 10 }),
    });
    expect(models).toMatchObject([{ info: { name: "adapter", status: "LOGGED_MODEL_READY" } }]);
  });

  it("an exported run is read by MLflow's own file store: points, params, tags, status, artifacts", async () => {
    const [run] = await findRuns(await madeRun(undefined));
    const root = await mkdtemp(join(tmpdir(), "ttm-mlruns-"));
    if (run === undefined) throw new Error("no run");
    await exportMlruns(run, root);
    const script = `
import json, math
from mlflow import MlflowClient
c = MlflowClient(tracking_uri=${JSON.stringify(`file://${root}`)})
e = c.get_experiment_by_name("registry")
r = c.search_runs([e.experiment_id])[0]
h = c.get_metric_history(r.info.run_id, "loss")
print(json.dumps({"status": r.info.status, "name": r.info.run_name, "params": r.data.params, "team": r.data.tags["team"],
  "points": len(h), "nans": sum(math.isnan(p.value) for p in h), "last": c.get_run(r.info.run_id).data.metrics["val/loss"],
  "artifacts": [a.path for a in c.list_artifacts(r.info.run_id, "model/adapter")]}))`;
    const { stdout } = await promisify(execFile)(await mlflowPython(), ["-c", script], {
      env: { ...process.env, MLFLOW_ALLOW_FILE_STORE: "true" },
    });
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toEqual({
      status: "FINISHED",
      name: "one",
      params: { "training.lr": "0.001" },
      team: "grüße",
      points: 300,
      nans: 6,
      last: -299,
      artifacts: ["model/adapter/adapter_config.json", "model/adapter/model_info.json"],
    });
  });
});
