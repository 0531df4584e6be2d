import type { Callbacks, Launcher, LauncherRequest } from "../launch/index.ts";
import { findLauncher, hydraMap, hydraText, runJob } from "../launch/index.ts";
import { processEntry } from "./host.ts";
import type { MultiRun } from "./run-multi.ts";

/** Who hears of a launcher's jobs. */
export interface LauncherListeners {
  readonly callbacks: Callbacks;
  note(line: string): void;
}

/** The launcher that the sweep's config names. */
export function makeLauncher(
  run: MultiRun,
  sweep: Pick<LauncherRequest, "sweepDir" | "sweepId" | "isAdaptive">,
  { callbacks, note }: LauncherListeners,
): Launcher {
  const { master, host, task } = run;
  const factory = findLauncher(hydraText(master, "launcher._target_") ?? "basic", run.launchers);
  const { cwd, env, entry = processEntry() } = host;
  return factory({
    settings: hydraMap(master, "launcher"),
    ...sweep,
    entry,
    cwd,
    env,
    note,
    runHere: (job, signal, hooks) => {
      const onReport = hooks?.onReport;
      const jobHost = { ...host, json: run.json, callbacks };
      return runJob(
        job,
        task,
        { ...jobHost, ...(onReport ? { onReport: (_job, report) => onReport(report) } : {}) },
        signal,
      );
    },
  });
}
