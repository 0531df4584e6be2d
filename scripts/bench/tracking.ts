import { join } from "node:path";
import { type BenchOptions, wholeNumber } from "./bench-options.ts";
import { compileProject } from "./compiled.ts";
import { BenchError } from "./errors.ts";
import { inTurn } from "./in-turn.ts";
import { besidePeer, type Measurement, summarise } from "./measurement.ts";
import { lastLines, runProgram } from "./run-program.ts";
import { sharedFile } from "./shared-file.ts";

const STEPS = 2_000;
/** The peer's slowest mode makes a request for every point: a share of the steps tells its rate. */
const STEPS_ONE_BY_ONE = 100;
const OUTAGE_SECONDS = 30;
const QUICK_OUTAGE_SECONDS = 5;

/**
 * What tracking costs a training loop, beside MLflow's own client on the same real server: blocking time per call, points per second until all
 * are visible on the server, memory while the server is away. `--steps N`; the ten minutes of an outage: `--steps 2000 --rounds 1` and
 * `TTM_OUTAGE_SECONDS=600`.
 */
export async function* benchTracking(options: BenchOptions): AsyncGenerator<Record<string, unknown>> {
  const steps = wholeNumber(options.values["steps"] ?? String(STEPS), "--steps");
  const compiled = await compileProject();
  const ours = (part: object) => measureOurs(join(compiled, "scripts/bench/tracking-run.js"), part);
  const seconds = Number(
    process.env["TTM_OUTAGE_SECONDS"] ?? (options.quick ? QUICK_OUTAGE_SECONDS : OUTAGE_SECONDS),
  );
  yield await ours({ mode: "call", uri: "", steps: 10 * steps, seconds: 0 });
  yield await ours({ mode: "outage", uri: "", steps, seconds });
  const uri = await startServer();
  try {
    const own = () => ours({ mode: "visible", uri, steps, seconds: 0 });
    const { peer } = options;
    const sides = peer === null ? [own] : [own, () => measurePeer(peer, uri, "batch", steps)];
    const [mine = [], theirs] = await inTurn(options.rounds, sides);
    const line = summarise(mine);
    if (peer === null || theirs === undefined) {
      yield line;
      return;
    }
    const ratios = { ratio: "ms_per_point" };
    yield { ...besidePeer(line, summarise(theirs), ratios), against: "log_batch of 1,000" };
    const each = await measurePeer(peer, uri, "each", options.quick ? 20 : STEPS_ONE_BY_ONE);
    yield { ...besidePeer(line, each, ratios), against: "a log_metric loop" };
  } finally {
    await runProgram(sharedFile("scripts/mlflow-test-server"), ["wipe", "--name", serverName]);
  }
}

const serverName = `ttm-bench-${process.pid}`;

async function startServer(): Promise<string> {
  const server = sharedFile("scripts/mlflow-test-server");
  const result = await runProgram(server, ["start", "--name", serverName, "--fresh"]);
  if (result.exitCode === 0) return result.output.trim();
  throw new BenchError("BENCH_RUN_FAILED", "no MLflow server could be started", {
    where: lastLines(result),
    fix: "run scripts/mlflow-test-server start of the shared folder by hand",
  });
}

async function measureOurs(program: string, part: object): Promise<Measurement> {
  const result = await runProgram(process.execPath, [program, JSON.stringify(part)]);
  if (result.exitCode === 0) return JSON.parse(result.output);
  throw new BenchError("BENCH_RUN_FAILED", "our tracker could not be measured", {
    where: lastLines(result),
    fix: "npm run check, then run the same command again",
  });
}

/** The baseline's own process for one mode, on our server. */
async function measurePeer(
  python: string,
  uri: string,
  mode: "batch" | "each",
  steps: number,
): Promise<Measurement> {
  const words = [
    sharedFile("baselines/mlflow_client.py"),
    "--one",
    mode,
    "--uri",
    uri,
    "--steps",
    String(steps),
    "--metrics",
    "5",
  ];
  const result = await runProgram(python, words);
  const line = result.output.split("\n").find((text) => text.startsWith("{"));
  if (result.exitCode !== 0 || line === undefined) {
    throw new BenchError("BENCH_PEER_FAILED", "the peer could not be measured", {
      where: lastLines(result),
      fix: "give --peer an interpreter that has baselines/mlflow_client-requirements.txt installed",
    });
  }
  const measured = JSON.parse(line) as Record<string, number>;
  return { ...measured, ms_per_point: 1_000 / (measured["points_per_s"] ?? Number.NaN) };
}
