import { join } from "node:path";
import type { LauncherRequest } from "../launcher.ts";
import { writeText } from "../write-text.ts";
import { batchScript } from "./batch-script.ts";
import type { Batch } from "./batch-store.ts";
import type { SlurmSettings } from "./slurm-settings.ts";

/** Writes what the tasks of a batch read: their jobs' folders, one a line, and the script. */
export function writeBatchFiles(
  { folder, jobs }: Batch,
  { setup, maxTimeouts }: SlurmSettings,
  { cwd, entry }: LauncherRequest,
): void {
  const index = join(folder, "jobs.txt");
  writeText(index, jobs.map((dir) => `${dir}\n`).join(""));
  const command = [entry.command, ...entry.args, "--run-jobs", index];
  writeText(join(folder, "script.sh"), batchScript({ cwd, setup, command, folder, maxTimeouts }));
}
