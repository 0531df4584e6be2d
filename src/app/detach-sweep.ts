import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { folderHolder, LaunchError, type OpenedSweep, readSweepLog } from "../launch/index.ts";
import { handedSweep } from "./handed-sweep.ts";
import { processEntry } from "./host.ts";
import { makeSweeper } from "./make-sweeper.ts";
import type { Command } from "./run-command.ts";
import { type MultiRun, planPoint } from "./run-multi.ts";

/** The file in a sweep's folder with what the detached process says. */
const driverLog = "driver.log";
/** How long the other process may take until it works on the sweep. */
const START_MS = 30_000;
const LOOK_MS = 50;
/** A whole fault with its places and its fix. */
const LAST_LINES = 8;

/**
 * Begins a sweep, or takes one up, and leaves it to a process of its own: this one returns as soon as that one works. It is
 * the same process as `--resume` would be; its words go to `driver.log` in the sweep's folder.
 */
export async function detachSweep(command: Command, run: MultiRun, open: () => OpenedSweep): Promise<number> {
  checkFirstPoint(run);
  const { host, options, line } = command;
  const opened = open();
  const { dir } = opened.folder;
  opened.release();
  const child = startDriver(command, dir);
  try {
    await started(child, dir);
  } finally {
    child.unref();
  }
  const { pid } = child;
  const shown = relative(host.cwd, dir);
  if (line.isSet("json")) host.stdout(`${JSON.stringify({ dir, pid })}\n`);
  host.stderr(
    `sweep   ${shown}   (process ${pid})\nfollow  ${options.name} sweep follow ${shown}\nstop    ${options.name} sweep cancel ${shown}\n`,
  );
  return 0;
}

function startDriver({ host, line }: Command, dir: string): ChildProcess {
  const log = openSync(join(dir, driverLog), "a");
  const { command: program, args } = host.entry ?? processEntry();
  const flags = line.isSet("retryFailed") ? ["--retry-failed"] : [];
  const child = spawn(program, [...args, "--multirun", "--resume", dir, ...flags], {
    cwd: host.cwd,
    env: { ...host.env, [handedSweep]: dir },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  return child;
}

/**
 * Waits until the process works on the sweep, or has come to an end of it already.
 *
 * @throws {LaunchError} LAUNCH_WORKER
 */
async function started(child: ChildProcess, dir: string): Promise<void> {
  const exited = once(child, "exit").then(
    ([code]) => ({ code: code as number | null }),
    (cause: Error) => ({ code: null, cause }),
  );
  const end = Date.now() + START_MS;
  while (Date.now() < end) {
    if (child.pid !== undefined && folderHolder(dir)?.pid === child.pid) return;
    const exit = await Promise.race([exited, wait(LOOK_MS)]);
    if (exit === undefined) continue;
    if (exit.code === 0 || hasClosed(dir, child.pid)) return;
    throw notStarted(dir, "the sweep's process ended at once");
  }
  child.kill();
  throw notStarted(dir, `the sweep's process did not begin in ${START_MS / 1000} s`);
}

/** Whether that process took the sweep up and came to an end of it, even if that is one with failed jobs. */
function hasClosed(dir: string, pid: number | undefined): boolean {
  const { events } = readSweepLog(dir);
  const taken = events.findLast((event) => event.event === "resumed");
  return taken?.pid === pid && events.at(-1)?.event === "closed";
}

/** What is wrong with the words is said here, not in a log. */
function checkFirstPoint(run: MultiRun): void {
  const sweeper = makeSweeper(run);
  const point = sweeper.next();
  if (typeof point !== "string") planPoint(run, { point, num: 0, dir: "", count: sweeper.total });
}

function notStarted(dir: string, what: string): LaunchError {
  const file = join(dir, driverLog);
  const words = readFileSync(file, "utf8").trimEnd().split("\n").slice(-LAST_LINES).join("\n");
  return new LaunchError("LAUNCH_WORKER", `${what}: ${words}`, {
    where: file,
    fix: "run the same words without --detach",
  });
}
