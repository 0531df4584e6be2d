import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchOptions } from "./bench-options.ts";
import { compileProject } from "./compiled.ts";
import { makeTree } from "./conf-tree.ts";
import { BenchError } from "./errors.ts";
import { inTurn } from "./in-turn.ts";
import { besidePeer, type Measurement, summarise } from "./measurement.ts";
import { lastLines, runProgram } from "./run-program.ts";
import { sharedFile } from "./shared-file.ts";
import { round } from "./statistics.ts";

/** The baseline's sweep: 64 jobs that do nothing, on the conf tree of 30 files. */
const peerWords = [
  `training.learning_rate=${Array.from({ length: 8 }, (_, i) => `${i + 1}e-5`).join(",")}`,
  `training.lora_rank=${Array.from({ length: 8 }, (_, i) => 2 ** i).join(",")}`,
];
const PEER_JOBS = 64;
const MORE_JOBS = 1024;
const MANY_JOBS = 10_000;

interface Place {
  readonly app: string;
  readonly folder: string;
}

/**
 * What a sweep costs beside its jobs' own work: milliseconds for each job that does nothing, in this process (`basic`) and on two
 * warm worker processes (`local`); how soon the first of 10,000 starts, and the memory that those take. The peer is
 * Hydra's basic launcher on the same tree.
 */
export async function* benchSweep(options: BenchOptions): AsyncGenerator<Record<string, unknown>> {
  const compiled = await compileProject({ bundled: true });
  const folder = mkdtempSync(join(tmpdir(), "ttm-bench-"));
  try {
    const python = options.peer ?? "python3";
    await makeTree(python, "small", folder);
    const place = { app: join(compiled, "scripts/bench/sweep-app.js"), folder };
    const ours = () => measureOurs(place, options.quick);
    const sides = options.peer === null ? [ours] : [ours, () => measurePeer(python)];
    const [own = [], peer] = await inTurn(options.rounds, sides);
    for (const name of own[0]?.keys() ?? []) {
      const line = summarise(own.map((run) => run.get(name) ?? {}));
      const theirs = peer && summarise(peer.map((run) => run.get("sweep_basic") ?? {}));
      yield theirs && name !== "sweep_many" ? besidePeer(line, theirs, { ratio: "ms_per_job" }) : line;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureOurs(place: Place, quick: boolean): Promise<Map<string, Measurement>> {
  const lines = new Map<string, Measurement>();
  const launchers = { basic: [], local: ["hydra/launcher=local", "hydra.launcher.n_jobs=2"] };
  for (const [name, words] of Object.entries(launchers)) {
    const one = await runSweep(place, [...words, "training.seed=1"]);
    const few = await runSweep(place, [...words, ...peerWords]);
    const more = await runSweep(place, [...words, `training.seed=range(0,${MORE_JOBS})`]);
    lines.set(`sweep_${name}`, {
      what: `sweep_${name}`,
      ms_per_job: round((few.ms - one.ms) / (PEER_JOBS - 1), 2),
      // Started and warm: what a job costs once the sweep is under way.
      ms_per_job_warm: round((more.ms - few.ms) / (MORE_JOBS - PEER_JOBS), 2),
      peak_rss_mb: few.peak_rss_mb,
    });
  }
  if (quick) return lines;
  const many = await runSweep(place, [`training.seed=range(0,${MANY_JOBS})`]);
  lines.set("sweep_many", {
    what: "sweep_many",
    jobs: MANY_JOBS,
    first_job_ms: round(many.first_job_ms ?? Number.NaN, 0),
    ms_per_job: round(many.ms / MANY_JOBS, 2),
    peak_rss_mb: many.peak_rss_mb,
  });
  return lines;
}

interface SweepFigures {
  readonly ms: number;
  readonly first_job_ms: number | null;
  readonly peak_rss_mb: number;
}

async function runSweep({ app, folder }: Place, words: readonly string[]): Promise<SweepFigures> {
  const cwd = mkdtempSync(join(folder, "run-"));
  mkdirSync(cwd, { recursive: true });
  const start = performance.now();
  const result = await runProgram(process.execPath, [app, "--multirun", ...words], {
    cwd,
    env: { BENCH_CONF: join(folder, "conf") },
  });
  const ms = performance.now() - start;
  rmSync(cwd, { recursive: true, force: true });
  if (result.exitCode === 0) return { ms, ...JSON.parse(result.output) };
  throw new BenchError("BENCH_RUN_FAILED", "our sweep could not be measured", {
    where: lastLines(result),
    fix: "npm run check, then run the same command again",
  });
}

async function measurePeer(python: string): Promise<Map<string, Measurement>> {
  const words = ["--repeat", "1", "--sweeps", "1", "--jobs", String(PEER_JOBS)];
  const result = await runProgram(python, [sharedFile("baselines/hydra_cli/bench.py"), ...words]);
  if (result.exitCode !== 0) {
    throw new BenchError("BENCH_PEER_FAILED", "the peer could not be measured", {
      where: lastLines(result),
      fix: "give --peer an interpreter that has baselines/hydra_cli/requirements.txt installed",
    });
  }
  const { ms_per_job, peak_rss_mb } = JSON.parse(result.output).multirun;
  return new Map([["sweep_basic", { what: "sweep_basic", ms_per_job, peak_rss_mb }]]);
}
