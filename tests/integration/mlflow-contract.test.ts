import { afterAll, beforeAll, describe } from "vitest";
import {
  CompositeTracker,
  type ExperimentTracker,
  MLflowExperimentTracker,
  SimpleExperimentTracker,
} from "../../src/tracking/index.ts";
import { type KeptRun, trackerContract } from "../contracts/tracker.ts";
import { dump, MlflowServer, whyNoServer } from "./mlflow-server.ts";

if (whyNoServer !== undefined) process.stderr.write(`skipped: ${whyNoServer}\n`);

const versions = (process.env["TTM_MLFLOW_VERSIONS"] ?? "3.17.0,2.22.5").split(",");
const quiet = { onWarning: () => undefined };
const STATUS: Record<string, string> = { FINISHED: "completed", FAILED: "failed", KILLED: "killed" };

describe.skipIf(whyNoServer !== undefined).each(versions)("MLflow %s, a real server", (version) => {
  const server = new MlflowServer(`ttm-contract-${version}`, ["--version", version]);
  beforeAll(() => server.start());
  afterAll(() => server.wipe());
  const runIds = new Map<string, string>();

  const remembering = (tracker: ExperimentTracker): ExperimentTracker => {
    const start = tracker.startExperiment.bind(tracker);
    tracker.startExperiment = async (experiment) => {
      const started = await start(experiment);
      runIds.set(experiment.runDir, started.runId);
      return started;
    };
    return tracker;
  };

  /** What the server holds, read by MLflow's own client. */
  const read = async (runDir: string): Promise<KeptRun> => {
    const runs = await dump(server.uri, "contract");
    const run = runs.find(({ tags }) => tags["ttm.clientRunId"] === runIds.get(runDir));
    if (run === undefined) throw new Error(`no run of ${runDir} on the server`);
    return {
      experiment: "contract",
      status: STATUS[run.status] ?? run.status,
      params: run.params,
      tags: run.tags,
      points: Object.entries(run.metrics).flatMap(([name, points]) =>
        points.map(([step, time, value]) => ({ name, step, time, value: infinite(value) })),
      ),
      artifacts: run.artifacts.map(({ path }) => path),
    };
  };

  trackerContract(`MLflow ${version}`, async () => ({
    tracker: remembering(new MLflowExperimentTracker(server.uri, { ...quiet, env: {} })),
    read,
  }));

  trackerContract(`composite of file and MLflow ${version}`, async () => {
    const mlflow = new MLflowExperimentTracker(server.uri, { ...quiet, env: {} });
    const tracker = new CompositeTracker([new SimpleExperimentTracker(quiet), mlflow], quiet);
    return { tracker: remembering(tracker), read };
  });
});

/** SQL servers give infinities back as the largest double. */
function infinite(value: number | string): number | string {
  if (value === Number.MAX_VALUE) return "Infinity";
  return value === -Number.MAX_VALUE ? "-Infinity" : value;
}
