import { join } from "node:path";
import type { Composition, Override, PlainValue } from "../config/index.ts";
import { toYaml } from "../config/index.ts";
import type {
  CallbackFactory,
  JobOutcome,
  JobTask,
  LauncherFactory,
  OpenedSweep,
  PlannedJob,
  SweepEnd,
} from "../launch/index.ts";
import {
  failurePolicy,
  hydraMap,
  hydraSetting,
  hydraText,
  isCancelled,
  makeCallbacks,
  runSweep,
  writeText,
} from "../launch/index.ts";
import type { Objective, SweepPoint } from "../sweep/index.ts";
import { optimizationResults, readObjectives } from "../sweep/index.ts";
import type { AppOptions, SweepCompanion } from "./app-settings.ts";
import type { AppHost } from "./host.ts";
import { makeLauncher } from "./make-launcher.ts";
import type { SweeperParts } from "./make-sweeper.ts";
import { makeSweeper, sweepRequest } from "./make-sweeper.ts";
import type { SweepView } from "./sweep-view.ts";
import { watchCancel } from "./watch-cancel.ts";

export interface MultiRun extends SweeperParts {
  readonly task: JobTask;
  readonly host: AppHost;
  readonly json: boolean;
  /** Whether the failed jobs of a resumed sweep are run again. */
  readonly retryFailed: boolean;
  readonly launchers: Readonly<Record<string, LauncherFactory>>;
  readonly callbacks: Readonly<Record<string, CallbackFactory>>;
  readonly aroundSweep: AppOptions["aroundSweep"];
  /** Composes a job from its overrides and checks it. */
  composeJob(overrides: readonly Override[], num: number): Composition;
}

export interface MultiResult extends SweepEnd {
  /** By which the jobs were compared; undefined where nothing is better than something else. */
  readonly objectives: readonly Objective[] | undefined;
}

/** Runs a sweep that has its folder, from its beginning or from where its log ends. */
export async function runMulti(
  run: MultiRun,
  opened: OpenedSweep,
  view: SweepView,
  signal: AbortSignal,
): Promise<MultiResult> {
  const { master, host } = run;
  const { dir } = opened.folder;
  // What the sweeper says while a log is repeated was said when it was written.
  let isRepeating = opened.events.length > 0;
  const sweeper = makeSweeper({ ...run, say: (line) => isRepeating || view.note(line) });
  const sweeperSettings = hydraMap(master, "sweeper");
  const objectives = sweeper.objectives ?? namedObjectives(sweeperSettings);
  const callbacks = makeCallbacks(master, run.callbacks, host.stderr);
  const event = { composition: master, configName: hydraText(master, "job.config_name") ?? null };
  const overrides = run.overrides.map(({ text }) => text);
  const { id } = opened.header;
  const sweep = { sweepDir: dir, sweepId: id, isAdaptive: sweeper.isAdaptive };
  const launcher = makeLauncher(run, sweep, { callbacks, note: (line) => view.note(line) });
  const cancel = watchCancel(dir, signal);
  let companion: SweepCompanion | undefined;
  let end: SweepEnd | undefined;
  try {
    await callbacks.multirunStart(event);
    writeText(join(dir, "multirun.yaml"), toYaml(master.all));
    view.begin({ dir, total: sweeper.total, objectives });
    end = await runSweep(
      {
        sweeper,
        launcher,
        folder: opened.folder,
        overrides,
        log: opened.log,
        events: opened.events,
        startedAt: opened.header.now,
        objectives,
        policy: failurePolicy(hydraMap(master, "launcher"), sweeperSettings),
        sync: hydraSetting(master, "launcher.sync") === true,
        retryFailed: run.retryFailed,
        plan: (point, num) => planPoint(run, { point, num, dir, id, count: sweeper.total }),
        now: host.now,
        isCancelled: () => isCancelled(dir),
        begin: async ({ composition, sweep }) => {
          isRepeating = false;
          companion = await run.aroundSweep?.({ dir, overrides, count: sweep?.count, first: composition });
        },
        onRestore: (outcomes) => view.restored(outcomes),
        onStart: (job, attempt) => view.started(job, attempt),
        onReport: (num, report) => view.reported(num, report),
        onRetry: (num, reason) => view.retried(num, reason),
        onEnd: (outcome) => view.ended(outcome),
      },
      cancel.signal,
    );
    if (sweeper.objectives) writeResults(dir, run, end.outcomes);
    return { ...end, objectives };
  } finally {
    cancel.stop();
    view.close();
    await callbacks.multirunEnd(event, end?.outcomes ?? []);
    await companion?.end(end?.summary);
  }
}

/** `optimization_results.yaml` of a sweep that optimises; none where no job completed. */
function writeResults(dir: string, run: SweeperParts, outcomes: readonly JobOutcome[]): void {
  const text = optimizationResults({ request: sweepRequest(run), outcomes });
  if (text !== undefined) writeText(join(dir, "optimization_results.yaml"), text);
}

/** What a sweeper that only lists points is told of better and worse. */
function namedObjectives(settings: ReadonlyMap<string, PlainValue>): readonly Objective[] | undefined {
  return settings.has("direction") || settings.has("metric") ? readObjectives(settings) : undefined;
}

interface PlannedPoint {
  readonly point: SweepPoint;
  readonly num: number;
  readonly dir: string;
  /** The sweep's. */
  readonly id?: string | undefined;
  readonly count: number | undefined;
}

export function planPoint(
  run: Pick<MultiRun, "composeJob">,
  { point, num, dir, id, count }: PlannedPoint,
): PlannedJob {
  const composition = run.composeJob(point.overrides, num);
  return {
    num,
    jobName: hydraText(composition, "job.name") ?? "app",
    mode: "MULTIRUN",
    overrides: composition.overrides.task,
    composition,
    sweep: { dir, id, count, params: point.params },
  };
}
