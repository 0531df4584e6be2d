import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Random } from "../../src/core/index.ts";
import { readJson, readMetrics } from "../experiment/tiny-experiment.ts";

const main = join(import.meta.dirname, "../../src/cli/main.ts");

export interface KilledRun {
  /** How often the process was killed, and after which recorded step. */
  readonly killedAt: readonly number[];
  readonly stderr: string;
  readonly code: number | null;
}

export interface KillOptions {
  /** Starts the run in `runDir`. */
  readonly words: readonly string[];
  readonly runDir: string;
  readonly kills: number;
  /** Steps of the whole run. */
  readonly steps: number;
  readonly random: Random;
}

/**
 * Starts a run, kills its process with SIGKILL at random steps, each time goes on with `--resume`, and lets the last process end.
 */
export async function killAndResume({
  words,
  runDir,
  kills,
  steps,
  random,
}: KillOptions): Promise<KilledRun> {
  const killedAt: number[] = [];
  let line = words;
  for (let kill = 0; kill < kills; kill++) {
    // evenly over the run, each at random in its stretch, and some before the first step or in the closing evaluation
    const from = (steps * kill) / kills;
    const target = Math.floor(from + random.uniform() * (steps / kills));
    if (await killedAfter(line, runDir, target, random)) killedAt.push(target);
    if (existsSync(join(runDir, "config.json"))) line = ["--resume", runDir];
  }
  if (isCompleted(runDir)) return { killedAt, stderr: "", code: 0 };
  const child = start(line);
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += String(chunk);
  });
  const [code] = await once(child, "close");
  return { killedAt, stderr, code };
}

/** True where the process was killed; false where it had ended before. */
async function killedAfter(
  words: readonly string[],
  runDir: string,
  step: number,
  random: Random,
): Promise<boolean> {
  const child = start(words);
  const ended = once(child, "close");
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  child.stderr?.resume();
  while (!isOver && lastStep(runDir) < step) await setTimeout(3);
  await setTimeout(random.uniform(0, 30));
  child.kill("SIGKILL");
  const [, signal] = await ended;
  return signal === "SIGKILL";
}

function start(words: readonly string[]) {
  return spawn(process.execPath, ["--import", import.meta.resolve("tsx"), main, ...words], {
    stdio: ["ignore", "ignore", "pipe"],
  });
}

/** The last step that the journal holds; −1 before there is one. */
function lastStep(runDir: string): number {
  const file = join(runDir, "journal.jsonl");
  if (!existsSync(file)) return -1;
  const steps = [...readFileSync(file, "utf8").matchAll(/"step":(\d+)/g)];
  return Math.max(-1, ...steps.map(([, step]) => Number(step)));
}

function isCompleted(runDir: string): boolean {
  const file = join(runDir, "run_summary.json");
  return existsSync(file) && readJson(file).status === "completed";
}

/** What two runs of the same must share to the last bit: every point, the summary's numbers, the trained values. */
export function essence(runDir: string) {
  const points = readMetrics(runDir).map(
    ({ name, step, epoch, value }) => `${name} ${step} ${epoch} ${value}`,
  );
  const { metrics, status, weights } = readJson(runDir, "run_summary.json");
  return {
    points: points.sort(),
    metrics,
    status,
    weights,
    trained: trainedWeights(runDir),
  };
}

/** The saved bytes: of an adapter, or of the whole model where that was trained. */
function trainedWeights(runDir: string): string {
  const files = ["adapter/adapter_model.safetensors", "model/model.safetensors"].map((name) =>
    join(runDir, name),
  );
  const file = files.find(existsSync);
  return readFileSync(file ?? (files[0] as string)).toString("base64");
}
