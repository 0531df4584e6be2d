import { setTimeout as wait } from "node:timers/promises";
import type { LockHolder } from "../core/index.ts";
import type { SweepHeader } from "../launch/index.ts";
import {
  cancelFile,
  cancelSweep,
  folderHolder,
  makeCallbacks,
  readSweepLog,
  writeText,
} from "../launch/index.ts";
import type { CommandApp } from "./commands.ts";
import { makeLauncher } from "./make-launcher.ts";
import { multiRun } from "./open-multi.ts";
import { parseWords } from "./parse-words.ts";
import { resumedCommand } from "./resume-sweep.ts";
import { isReachable, readSweepState } from "./sweep-state.ts";
import { type SweepVerb, sweepUsage } from "./sweep-verb.ts";

const LOOK_MS = 100;
/** Jobs have so long to end in good order before this command says that they still do. */
const PATIENCE_MS = 60_000;

/**
 * `sweep cancel DIR`: asks the process that runs a sweep to stop it, wherever that is, and waits until it has. Where that process is
 * gone, what it left in an engine's queue is cancelled here.
 */
export const sweepCancelVerb: SweepVerb = {
  usage: "cancel DIR",
  async run(app, dir, words) {
    if (words.length > 0) throw sweepUsage(app, sweepCancelVerb, ["cancel", dir, ...words]);
    readSweepLog(dir);
    const holder = folderHolder(dir);
    return holder === undefined ? cancelLeft(app, dir) : askHolder(app, dir, holder);
  },
};

async function cancelLeft(app: CommandApp, dir: string): Promise<number> {
  const { host } = app;
  const { state } = readSweepState(dir);
  if (state === "completed" || state === "failed") {
    host.stderr(`the sweep has ended already (${state})\n`);
    return 1;
  }
  await cancelSweep(dir, (header) => endJobs(app, dir, header));
  host.stderr("nobody works on the sweep; it is marked as cancelled\n");
  return 0;
}

/** Ends the jobs that outlive their sweep's process, as those of a cluster do. */
async function endJobs(app: CommandApp, dir: string, header: SweepHeader): Promise<void> {
  // From wherever it is cancelled, its config is composed where it was begun.
  const there = { ...app, host: { ...app.host, cwd: header.cwd }, line: parseWords([]) };
  const { command, composer } = resumedCommand(there, dir);
  const run = multiRun(command, composer, { check: () => {}, host: command.host });
  const { stderr } = app.host;
  const launcher = makeLauncher(
    run,
    { sweepDir: dir, sweepId: header.id },
    {
      callbacks: makeCallbacks(run.master, run.callbacks, stderr),
      note: (line) => stderr(`${line}\n`),
    },
  );
  try {
    await launcher.cancel?.();
  } finally {
    await launcher.close();
  }
}

async function askHolder({ host, options }: CommandApp, dir: string, holder: LockHolder): Promise<number> {
  writeText(cancelFile(dir), `asked for at ${host.now().toISOString()}\n`);
  if (isReachable(holder)) process.kill(holder.pid, "SIGTERM");
  const end = Date.now() + PATIENCE_MS;
  while (folderHolder(dir)?.token === holder.token && Date.now() < end) await wait(LOOK_MS);
  const isDone = folderHolder(dir)?.token !== holder.token;
  host.stderr(
    isDone
      ? `cancelled; to go on with it after all: ${options.name} sweep resume ${dir}\n`
      : `process ${holder.pid} on ${holder.host} has been asked, and its jobs are ending\n`,
  );
  return isDone ? 0 : 1;
}
