import { join, resolve } from "node:path";
import type { FollowerReport } from "../follower.ts";
import { closeDeadRun } from "../run/close-dead-run.ts";
import type { OnWarning } from "../warnings.ts";
import { WandbFollower } from "./wandb-follower.ts";
import { readWandbState, wandbStateFolder } from "./wandb-state.ts";

const DEADLINE_MILLISECONDS = 600_000;

/** Brings the `.wandb` files of a run up to its journal, and closes a run whose process has died. What W&B itself has got is `wandb sync`'s business. */
export async function syncWandb(runDir: string, onWarning: OnWarning): Promise<FollowerReport> {
  const folder = resolve(runDir);
  const state = await readWandbState(folder);
  const journalPath =
    state === undefined ? join(wandbStateFolder(folder), "journal.jsonl") : join(folder, state.journal);
  await closeDeadRun(folder, journalPath, onWarning);
  const follower = new WandbFollower({
    settings: state?.settings ?? {},
    run: { runDir: folder, journalPath },
    onWarning,
    deadlineMilliseconds: DEADLINE_MILLISECONDS,
  });
  return follower.finish();
}
