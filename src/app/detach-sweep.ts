import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { folderHolder, LaunchError, type OpenedSweep } from "../launch/index.ts";
import { processEntry } from "./host.ts";
import { makeSweeper } from "./make-sweeper.ts";
import type { Command } from "./run-command.ts";
import { type MultiRun, planPoint } from "./run-multi.ts";

/** The file in a sweep's folder with what the detached process says. */
const driverLog = "driver.log";
/** How long the other process may take until it works on the sweep. */
const START_MS = 30_000;
const LOOK_MS = 50;

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
  const log = openSync(join(dir, driverLog), "a");
  const { command: program, args } = host.entry ?? processEntry();
  const child = spawn(program, [...args, "--multirun", "--resume", dir], {
    cwd: host.cwd,
    env: { ...host.env },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  let exit: number | null | undefined;
  child.once("exit", (code) => {
    exit = code;
  });
  const pid = child.pid ?? 0;
  const end = Date.now() + START_MS;
  while (exit === undefined && folderHolder(dir)?.pid !== pid && Date.now() < end) await wait(LOOK_MS);
  // It may have come to its end already.
  if (exit !== undefined && exit !== 0 && !existsSync(join(dir, "sweep.json"))) throw notStarted(dir);
  child.unref();
  const shown = relative(host.cwd, dir);
  if (line.isSet("json")) host.stdout(`${JSON.stringify({ dir, pid })}\n`);
  host.stderr(
    `sweep   ${shown}   (process ${pid})\nfollow  ${options.name} sweep follow ${shown}\nstop    ${options.name} sweep cancel ${shown}\n`,
  );
  return 0;
}

/** What is wrong with the words is said here, not in a log. */
function checkFirstPoint(run: MultiRun): void {
  const sweeper = makeSweeper(run);
  const point = sweeper.next();
  if (typeof point !== "string") planPoint(run, { point, num: 0, dir: "", count: sweeper.total });
}

function notStarted(dir: string): LaunchError {
  const file = join(dir, driverLog);
  const words = readFileSync(file, "utf8").trimEnd().split("\n").slice(-3).join("\n");
  return new LaunchError("LAUNCH_WORKER", `the sweep's process ended at once: ${words}`, {
    where: file,
    fix: "run the same words without --detach",
  });
}
