import { setTimeout as wait } from "node:timers/promises";
import { cancelFile, folderHolder, markCancelled, readSweepLog, writeText } from "../launch/index.ts";
import { isReachable, readSweepState } from "./sweep-state.ts";
import { type SweepVerb, sweepUsage } from "./sweep-verb.ts";

const LOOK_MS = 100;
/** Jobs have so long to end in good order before this command says that they still do. */
const PATIENCE_MS = 60_000;

/** `sweep cancel DIR`: asks the process that runs a sweep to stop it, wherever that is, and waits until it has. */
export const sweepCancelVerb: SweepVerb = {
  usage: "cancel DIR",
  async run(app, dir, words) {
    if (words.length > 0) throw sweepUsage(app, sweepCancelVerb, ["cancel", dir, ...words]);
    const { host, options } = app;
    readSweepLog(dir);
    const holder = folderHolder(dir);
    if (holder === undefined) {
      const { state } = readSweepState(dir);
      if (state === "completed" || state === "failed") {
        host.stderr(`the sweep has ended already (${state})\n`);
        return 1;
      }
      markCancelled(dir);
      host.stderr("nobody works on the sweep; it is marked as cancelled\n");
      return 0;
    }
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
  },
};
