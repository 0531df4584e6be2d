import {
  CompositeTracker,
  type ExperimentTracker,
  MLflowExperimentTracker,
  SimpleExperimentTracker,
  WandbExperimentTracker,
} from "../../src/tracking/index.ts";
import { trackerContract } from "../contracts/tracker.ts";
import { FAKE_URI, FakeMlflow } from "./fake-mlflow.ts";
import { MemoryTracker } from "./memory-tracker.ts";
import { readRunFiles } from "./read-run-files.ts";
import { readWandbRun } from "./wandb/read-wandb-run.ts";

const quiet = { onWarning: () => undefined };

trackerContract("file", async () => ({ tracker: new SimpleExperimentTracker(quiet), read: readRunFiles }));

trackerContract("mlflow", async () => {
  const server = new FakeMlflow();
  const tracker = new MLflowExperimentTracker(FAKE_URI, { ...quiet, dispatcher: server.agent, env: {} });
  return { tracker: remembering(tracker), read: async (runDir) => readFake(server, runDir) };
});

trackerContract("composite of file and mlflow, read from the files", async () => {
  const mlflow = new MLflowExperimentTracker(FAKE_URI, {
    ...quiet,
    dispatcher: new FakeMlflow().agent,
    env: {},
  });
  return {
    tracker: new CompositeTracker([new SimpleExperimentTracker(quiet), mlflow], quiet),
    read: readRunFiles,
  };
});

trackerContract("composite of file and mlflow, read from the server", async () => {
  const server = new FakeMlflow();
  const mlflow = new MLflowExperimentTracker(FAKE_URI, { ...quiet, dispatcher: server.agent, env: {} });
  const tracker = new CompositeTracker([new SimpleExperimentTracker(quiet), mlflow], quiet);
  return { tracker: remembering(tracker), read: async (runDir) => readFake(server, runDir) };
});

trackerContract("wandb", async () => ({
  tracker: new WandbExperimentTracker({ ...quiet, env: {} }),
  read: readWandbRun,
}));

trackerContract("composite of file and wandb, read from the .wandb file", async () => ({
  tracker: new CompositeTracker(
    [new SimpleExperimentTracker(quiet), new WandbExperimentTracker({ ...quiet, env: {} })],
    quiet,
  ),
  read: readWandbRun,
}));

trackerContract("a user's own class", async () => {
  const tracker = new MemoryTracker();
  return { tracker, read: async (runDir) => tracker.read(runDir) };
});

trackerContract("a user's own class in a composite", async () => {
  const memory = new MemoryTracker();
  return {
    tracker: new CompositeTracker([memory, new SimpleExperimentTracker(quiet)], quiet),
    read: async (runDir) => memory.read(runDir),
  };
});

const runIds = new Map<string, string>();

/** Remembers which run lies in which folder: the server knows only ids. */
function remembering(tracker: ExperimentTracker): ExperimentTracker {
  const start = tracker.startExperiment.bind(tracker);
  tracker.startExperiment = async (experiment) => {
    const started = await start(experiment);
    runIds.set(experiment.runDir, started.runId);
    return started;
  };
  return tracker;
}

function readFake(server: FakeMlflow, runDir: string) {
  const run = server.runs.find((it) => it.tags.get("ttm.clientRunId") === runIds.get(runDir));
  if (run === undefined) throw new Error(`no run of ${runDir} on the server`);
  return server.kept(run);
}
