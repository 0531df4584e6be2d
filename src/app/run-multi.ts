import { join } from "node:path";
import type { Composition, Override } from "../config/index.ts";
import { toYaml } from "../config/index.ts";
import type {
  CallbackFactory,
  JobOutcome,
  JobTask,
  LauncherFactory,
  PlannedJob,
  SweepSummary,
} from "../launch/index.ts";
import {
  findLauncher,
  folderSetting,
  hydraMap,
  hydraText,
  makeCallbacks,
  makeFolder,
  openOutputFolder,
  runJob,
  runSweep,
  summaryText,
  writeText,
} from "../launch/index.ts";
import type { SweepPoint } from "../sweep/index.ts";
import type { AppOptions, SweepCompanion } from "./app-settings.ts";
import type { AppHost } from "./host.ts";
import type { SweeperParts } from "./make-sweeper.ts";
import { makeSweeper } from "./make-sweeper.ts";

export interface MultiRun extends SweeperParts {
  readonly task: JobTask;
  readonly host: AppHost;
  readonly json: boolean;
  readonly launchers: Readonly<Record<string, LauncherFactory>>;
  readonly callbacks: Readonly<Record<string, CallbackFactory>>;
  readonly aroundSweep: AppOptions["aroundSweep"];
  /** Composes a job from its overrides and checks it. */
  composeJob(overrides: readonly Override[], num: number): Composition;
}

export interface MultiResult {
  readonly outcomes: readonly JobOutcome[];
  /** The text of `sweep.json`. */
  readonly summary: string;
}

/** Runs a sweep in `hydra.sweep.dir`; says on standard error what starts and what fails. */
export async function runMulti(run: MultiRun, signal: AbortSignal): Promise<MultiResult> {
  const { master, host } = run;
  const sweeper = makeSweeper(run);
  const factory = findLauncher(hydraText(master, "launcher._target_") ?? "basic", run.launchers);
  const callbacks = makeCallbacks(master, run.callbacks, host.stderr);
  const event = { composition: master, configName: hydraText(master, "job.config_name") ?? null };
  const folder = openOutputFolder(folderSetting(master, "sweep.dir", host.cwd));
  const overrides = run.overrides.map(({ text }) => text);
  let companion: SweepCompanion | undefined;
  let ended: SweepSummary | undefined;
  let outcomesAtEnd: readonly JobOutcome[] = [];
  try {
    await callbacks.multirunStart(event);
    makeFolder(folder.dir);
    writeText(join(folder.dir, "multirun.yaml"), toYaml(master.all));
    const launcher = factory({
      settings: hydraMap(master, "launcher"),
      sweepDir: folder.dir,
      runHere: (job, jobSignal) => runJob(job, run.task, { ...host, json: run.json, callbacks }, jobSignal),
    });
    const { outcomes, ...summary } = await runSweep(
      {
        sweeper,
        launcher,
        folder,
        overrides,
        plan: (point, num) => planPoint(run, { point, num, dir: folder.dir, count: sweeper.total }),
        now: host.now,
        begin: async ({ composition, sweep }) => {
          companion = await run.aroundSweep?.({
            dir: folder.dir,
            overrides,
            count: sweep?.count,
            first: composition,
          });
        },
        onStart: (job) => host.stderr(`#${job.num}  ${job.overrides.join(" ")}\n`),
      },
      signal,
    );
    ended = summary;
    outcomesAtEnd = outcomes;
    return { outcomes, summary: summaryText(summary) };
  } finally {
    await callbacks.multirunEnd(event, outcomesAtEnd);
    await companion?.end(ended);
    folder.release();
  }
}

interface PlannedPoint {
  readonly point: SweepPoint;
  readonly num: number;
  readonly dir: string;
  readonly count: number | undefined;
}

export function planPoint(
  run: Pick<MultiRun, "composeJob">,
  { point, num, dir, count }: PlannedPoint,
): PlannedJob {
  const composition = run.composeJob(point.overrides, num);
  return {
    num,
    jobName: hydraText(composition, "job.name") ?? "app",
    mode: "MULTIRUN",
    overrides: composition.overrides.task,
    composition,
    sweep: { dir, count, params: point.params },
  };
}
