import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchOptions } from "./bench-options.ts";
import { compileProject } from "./compiled.ts";
import { makeTree } from "./conf-tree.ts";
import { BenchError } from "./errors.ts";
import { inTurn } from "./in-turn.ts";
import { besidePeer, type Measurement, summarise } from "./measurement.ts";
import { lastLines, type ProgramResult, runProgram } from "./run-program.ts";
import { sharedFile } from "./shared-file.ts";
import { median, round } from "./statistics.ts";

/** The baseline's ten overrides. */
const tenOverrides = [
  "training.learning_rate=1e-4",
  "training.lora_rank=16",
  "model=chronos_bolt",
  "data=etth2",
  "+a.b=1",
  "lora=all_linear",
  "training.epochs=3",
  "tracker=mlflow",
  "optimizer.eps=1e-6",
  "experiment_name=x",
];

/** Whole processes, from start to exit: the baseline's names, the conf tree, and the words. */
const processes = [
  ["cfg_job_small", "small", ["--cfg", "job"]],
  ["cfg_job_large", "large", ["--cfg", "job"]],
  ["run_small", "small", []],
  ["run_small_10_overrides", "small", tenOverrides],
  ["run_large", "large", []],
] as const;

/** Presses of Tab behind `training.l`: the baseline's names and the conf tree. */
const presses = [
  ["tab_small", "small"],
  ["tab_large", "large"],
] as const;

/** Sessions of the loop in one process, as the baseline has them. */
const sessions = { small: 7, large: 5 } as const;
type Size = keyof typeof sessions;

const PROCESS_REPEATS = 5;

interface Trees {
  readonly compiled: string;
  readonly folder: string;
}

/**
 * Composing a conf tree, in one process and as a command, on the baseline's own trees of 30 and 60 files. The peer is
 * Hydra: one run of its whole baseline stands against one run of ours.
 */
export async function* benchCompose(options: BenchOptions): AsyncGenerator<Record<string, unknown>> {
  const compiled = await compileProject({ bundled: true });
  const folder = mkdtempSync(join(tmpdir(), "ttm-bench-"));
  try {
    const python = options.peer ?? "python3";
    for (const size of ["small", "large"]) await makeTree(python, size, join(folder, size));
    const ours = () => measureOurs({ compiled, folder });
    const sides = options.peer === null ? [ours] : [ours, () => measurePeer(python, options.quick)];
    const [own = [], peer] = await inTurn(options.rounds, sides);
    for (const name of own[0]?.keys() ?? []) {
      const line = summarise(own.map((run) => run.get(name) ?? {}));
      const theirs = peer && summarise(peer.map((run) => run.get(name) ?? {}));
      yield theirs ? besidePeer(line, theirs, { ratio: "ms" }) : line;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureOurs({ compiled, folder }: Trees): Promise<Map<string, Measurement>> {
  const lines = new Map<string, Measurement>();
  const app = join(compiled, "scripts/bench/compose-app.js");
  for (const [name, size, words] of processes) {
    const times = await timedRuns(() => runNode(app, [join(folder, size, "conf"), ...words], folder));
    lines.set(name, { what: name, ...spread(times) });
  }
  for (const [name, size] of presses) {
    const spec = JSON.stringify({
      name: "app",
      configDir: join(folder, size, "conf"),
      configName: "config",
    });
    const program = join(compiled, "src/app/complete-main.js");
    const press = () => runNode(program, [spec, "bash"], folder, { COMP_LINE: "app training.l" });
    lines.set(name, { what: name, ...spread(await timedRuns(press)) });
  }
  for (const size of Object.keys(sessions) as Size[]) {
    const program = join(compiled, "scripts/bench/compose-run.js");
    const words = [join(folder, size, "conf"), JSON.stringify(tenOverrides), String(sessions[size])];
    const measured = JSON.parse((await runNode(program, words, folder)).output) as InProcess;
    for (const part of ["fresh", "again", "resolve", "sweep_job"] as const) {
      const what = `compose_${size}.${part}`;
      const { leaves, rss_mb } = measured;
      lines.set(what, { what, ...spread(measured[part]), leaves, rss_mb });
    }
  }
  return lines;
}

interface InProcess {
  readonly fresh: readonly number[];
  readonly again: readonly number[];
  readonly resolve: readonly number[];
  /** Compositions of the jobs of one sweep, after the first. */
  readonly sweep_job: readonly number[];
  readonly leaves: number;
  readonly rss_mb: number;
}

function spread(times: readonly number[]): Measurement {
  return {
    ms: round(median(times), 2),
    min: round(Math.min(...times), 2),
    max: round(Math.max(...times), 2),
    n: times.length,
  };
}

async function timedRuns(run: () => Promise<unknown>): Promise<number[]> {
  // Once more before, for the file cache, as the baseline does.
  await run();
  const times: number[] = [];
  for (let index = 0; index < PROCESS_REPEATS; index++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return times;
}

async function runNode(
  program: string,
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  const result = await runProgram(process.execPath, [program, ...words], { cwd, env });
  if (result.exitCode === 0) return result;
  throw new BenchError("BENCH_RUN_FAILED", "our composer could not be measured", {
    where: lastLines(result),
    fix: "npm run check, then run the same command again",
  });
}

/** The baseline's object, as lines of the same names as ours. */
async function measurePeer(python: string, quick: boolean): Promise<Map<string, Measurement>> {
  const words = ["--repeat", String(PROCESS_REPEATS), "--sweeps", "1", "--jobs", quick ? "8" : "64"];
  const result = await runProgram(python, [sharedFile("baselines/hydra_cli/bench.py"), ...words]);
  if (result.exitCode !== 0) {
    throw new BenchError("BENCH_PEER_FAILED", "the peer could not be measured", {
      where: lastLines(result),
      fix: "give --peer an interpreter that has baselines/hydra_cli/requirements.txt installed",
    });
  }
  const measured = JSON.parse(result.output) as { process: Record<string, Measurement> } & Record<
    `compose_${Size}`,
    Record<string, Measurement> & { readonly leaves: number; readonly rss_mb: number }
  >;
  const lines = new Map<string, Measurement>(Object.entries(measured.process));
  for (const size of Object.keys(sessions) as Size[]) {
    const { leaves, rss_mb, ...parts } = measured[`compose_${size}`];
    for (const [part, figures] of Object.entries(parts)) {
      lines.set(`compose_${size}.${part}`, { ...figures, leaves, rss_mb });
    }
    // The peer composes a job of a sweep like any other config, and once more to check it before it runs.
    lines.set(`compose_${size}.sweep_job`, { ...parts["again"], leaves, rss_mb });
  }
  return lines;
}
