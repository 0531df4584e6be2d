import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type AppHost, type AppTask, basicLauncher, type RunningSweep } from "../app/index.ts";
import type { TTMExperimentConfig } from "../experiment/index.ts";
import { ttmApp } from "./app.ts";
import { CliError } from "./errors.ts";
import { type SweptValues, sweepOverride } from "./sweep-override.ts";

/** What a sweep is made from. Everything that a command line can say, `overrides` can. */
export interface SweepOptions {
  /** Override words, with sweeps or without, as on a command line: `"training.num_epochs=1"`. */
  readonly overrides?: readonly string[];
  /** Keys and what they take: a list of values, or a sweep in Hydra's words, such as `"tag(log, interval(1e-4, 1e-1))"`. */
  readonly space?: Readonly<Record<string, SweptValues>>;
  /** An option of `hydra/sweeper`; the grid of all combinations where it is left out. */
  readonly sweeper?: string;
  /** Of sweepers that choose points. */
  readonly trials?: number;
  /** An option of `hydra/launcher`; in this process where it is left out. */
  readonly launcher?: string;
  /** How many jobs run at once. */
  readonly nJobs?: number;
  /**
   * What a job does, instead of training; it runs in this process, for a function cannot be sent to another one. What it
   * returns is the job's result.
   */
  readonly task?: AppTask<TTMExperimentConfig>;
  /** The sweep's folder; a new one below `multirun` where it is left out. */
  readonly dir?: string;
  /** The folder of a sweep to go on with, as `ttm --multirun --resume` does; the other options add to its words. */
  readonly resume?: string;
  /** Once aborted, no further job starts, and those that run are told to stop. */
  readonly signal?: AbortSignal;
  /** Takes what the command would print while it runs. */
  readonly note?: (line: string) => void;
}

/**
 * Runs a sweep from a program: the same sweepers, launchers, folders and log as `ttm --multirun`.
 *
 *     const running = sweep({ space: { "training.learning_rate": [1e-3, 1e-2] }, launcher: "local", nJobs: 2 });
 *     for await (const { num, params, result } of running) console.log(num, params, result);
 *     const { best, dir } = await running.result;
 *
 * @returns at once; what is wrong with the options rejects `result`
 */
export function sweep(options: SweepOptions): RunningSweep {
  const { signal, note } = options;
  const running = begin(options, { ...(signal ? { signal } : {}), ...(note ? { note } : {}) });
  const result = running.then((sweeping) => sweeping.result);
  // Who only reads the outcomes gets the fault there.
  result.catch(() => {});
  return {
    result,
    async *[Symbol.asyncIterator]() {
      yield* await running;
    },
  };
}

async function begin(
  options: SweepOptions,
  how: { readonly signal?: AbortSignal; readonly note?: (line: string) => void },
): Promise<RunningSweep> {
  const { task, launcher, nJobs = 1 } = options;
  if (task !== undefined && launcher !== undefined && launcher !== "basic") throw cannotSend(launcher);
  const isHere = launcher === undefined || launcher === "basic";
  const app = ttmApp({
    ...(task === undefined ? {} : { task }),
    launchers: { here: (request) => ({ ...basicLauncher(request), slots: nJobs }) },
  });
  const host: Partial<AppHost> = { entry: commandEntry() };
  return app.sweep(wordsOf(options, isHere), { ...how, host });
}

function wordsOf(options: SweepOptions, isHere: boolean): string[] {
  const { overrides = [], space = {}, sweeper, trials, launcher, nJobs, dir, resume } = options;
  return [
    "--multirun",
    ...(resume === undefined ? [] : ["--resume", resume]),
    ...(sweeper === undefined ? [] : [`hydra/sweeper=${sweeper}`]),
    ...(trials === undefined ? [] : [`hydra.sweeper.n_trials=${trials}`]),
    ...(isHere ? ["hydra.launcher._target_=here"] : [`hydra/launcher=${launcher}`]),
    ...(isHere || nJobs === undefined ? [] : [`hydra.launcher.n_jobs=${nJobs}`]),
    ...(dir === undefined ? [] : [`hydra.sweep.dir=${dir}`]),
    "--",
    ...overrides,
    ...Object.entries(space).map(([key, values]) => sweepOverride(key, values)),
  ];
}

/** The command that runs jobs of ours in other processes: the program that calls us does not. */
function commandEntry(): NonNullable<AppHost["entry"]> {
  const main = new URL(`./main${extname(new URL(import.meta.url).pathname)}`, import.meta.url);
  const flags = process.execArgv.filter((flag) => !flag.startsWith("--inspect"));
  return { command: process.execPath, args: [...flags, fileURLToPath(main)] };
}

function cannotSend(launcher: string): CliError {
  return new CliError("CLI_USAGE", "a task that is a function runs in this process only", {
    where: `launcher: ${JSON.stringify(launcher)}`,
    fix: "leave the launcher out, and nJobs for several at once; or write the task as a program of its own with defineApp",
  });
}
