import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Random } from "../../src/core/index.ts";

const program = fileURLToPath(new URL("./sweep-app.ts", import.meta.url));

export interface KilledSweep {
  /** The folder with conf/, in which the sweep runs. */
  readonly root: string;
  readonly words: readonly string[];
  readonly kills: number;
  readonly random: Random;
  /** A kill comes at most so long after the one before it, in milliseconds. */
  readonly most: number;
}

/**
 * Runs a sweep in `s` and kills it again and again, its driver, a worker, or all of them, at random moments; each time the
 * driver is gone it is resumed.
 *
 * @returns how often what was killed, and the last driver's exit code
 */
export async function killAndResume({ root, words, kills, random, most }: KilledSweep) {
  const counts = { driver: 0, worker: 0 };
  let driver = start(root, ["-m", ...words, "hydra.sweep.dir=s"]);
  for (let left = kills; left > 0; ) {
    const ended = await Promise.race([
      once(driver, "exit"),
      wait(random.integer(50, most)).then(() => undefined),
    ]);
    if (ended !== undefined && driver.exitCode !== null) break;
    const workers = childrenOf(driver.pid ?? 0).filter(isWorker);
    const kind = random.integer(0, 2);
    if (kind !== 1 && workers.length > 0) {
      kill(workers[random.integer(0, workers.length - 1)]);
      counts.worker += 1;
      left -= 1;
    }
    if (kind === 0) continue;
    driver.kill("SIGKILL");
    await once(driver, "exit");
    counts.driver += 1;
    left -= 1;
    const isBegun = existsSync(join(root, "s", "sweep.jsonl"));
    driver = start(root, isBegun ? ["-m", "--resume", "s"] : ["-m", ...words, "hydra.sweep.dir=s"]);
  }
  if (driver.exitCode === null) await once(driver, "exit");
  return { ...counts, exitCode: driver.exitCode };
}

function start(root: string, argv: readonly string[]): ChildProcess {
  const args = ["--import", import.meta.resolve("tsx"), program, ...argv];
  return spawn(process.execPath, args, { cwd: root, stdio: "ignore" });
}

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  } catch {
    // It was gone already.
  }
}

/** The loader that reads TypeScript has a child process too. */
function isWorker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--serve-jobs");
  } catch {
    return false;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
      const text = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim();
      return text === "" ? [] : text.split(" ").map(Number);
    });
  } catch {
    return [];
  }
}

/** What a sweep's log says of each job's end. */
export function endsOf(root: string): Map<number, unknown[]> {
  const ends = new Map<number, unknown[]>();
  for (const line of readFileSync(join(root, "s", "sweep.jsonl"), "utf8")
    .trimEnd()
    .split("\n")) {
    const event = JSON.parse(line);
    if (event.event !== "ended") continue;
    ends.set(event.num, [...(ends.get(event.num) ?? []), event.result]);
  }
  return ends;
}
