import { relative, resolve } from "node:path";
import type { Composition } from "../config/index.ts";
import { folderSetting, hydraText } from "../launch/index.ts";
import type { AppHost } from "./host.ts";
import { makeSweeper } from "./make-sweeper.ts";
import type { MultiRun } from "./run-multi.ts";
import { planPoint } from "./run-multi.ts";

/** What `--dry-run` prints: a line for each job with its folder (where that is free) and its overrides. */
export const dryRunText = {
  single(composition: Composition, host: AppHost): string {
    const { path } = folderSetting(composition, "run.dir", host.cwd);
    return `1 job\n${jobLine("#0", path, composition.overrides.task, host.cwd)}`;
  },

  /** Composes and checks every job. A sweeper that waits for results shows the points that it can give before them. */
  sweep(run: MultiRun): string {
    const { cwd } = run.host;
    const sweeper = makeSweeper(run);
    const dir = folderSetting(run.master, "sweep.dir", cwd).path;
    const lines: string[] = [];
    for (let num = 0; ; num++) {
      const point = sweeper.next();
      if (point === "done" || point === "wait") break;
      const job = planPoint(run, { point, num, dir, count: sweeper.total });
      const folder = resolve(dir, hydraText(job.composition, "sweep.subdir") ?? String(num));
      lines.push(jobLine(`#${num}`, folder, job.overrides, cwd));
      sweeper.tell({ num, status: "not_run" });
    }
    const total = sweeper.total ?? lines.length;
    return `${total} ${total === 1 ? "job" : "jobs"}\n${lines.join("")}`;
  },
};

function jobLine(name: string, folder: string, overrides: readonly string[], cwd: string): string {
  const shown = relative(cwd, folder);
  const path = shown === "" || shown.startsWith("..") ? folder : shown;
  return `${[name, path, ...overrides].join("  ")}\n`;
}
