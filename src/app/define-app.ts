import type { z } from "zod";
import type { Composition, PlainConfig } from "../config/index.ts";
import type { JobContext, JobOutcome, JobResult, JobTask } from "../launch/index.ts";
import { AppComposer } from "./app-composer.ts";
import type { AppOptions } from "./app-settings.ts";
import { commandNames } from "./command-list.ts";
import { checkCommandWord, commandNamed } from "./commands.ts";
import type { AppHost } from "./host.ts";
import { processHost } from "./host.ts";
import { isJobWord } from "./job-words.ts";
import type { SchemaSource } from "./load-check.ts";
import { loadCheck } from "./load-check.ts";
import { parseWords } from "./parse-words.ts";
import { printFault } from "./print-fault.ts";
import type { RunningSweep } from "./program-sweep.ts";
import { runCommand } from "./run-command.ts";

/** A program with Hydra's command line. */
export interface App {
  readonly name: string;
  /**
   * Runs a command line to its end.
   *
   * @param argv  the words after the program's name
   * @returns the exit code: 0 done, 1 a fault or a failed job, 2 a wrong command line, 130 interrupted
   */
  main(argv: readonly string[], host?: Partial<AppHost>): Promise<number>;
  /** Composes without running: no folder is made, nothing is printed. Words may hold flags such as `-cn other`. */
  compose(argv: readonly string[], host?: Partial<AppHost>): Composition;
  /** Runs one job with its folder, and returns how it ended. */
  run(
    argv: readonly string[],
    options?: { signal?: AbortSignal; host?: Partial<AppHost> },
  ): Promise<JobOutcome>;
  /**
   * Begins a sweep, or with `--resume DIR` among the words goes on with one. What is wrong with the words rejects `result`; a job
   * that fails does not.
   */
  sweep(
    argv: readonly string[],
    options?: { signal?: AbortSignal; host?: Partial<AppHost>; note?: (line: string) => void },
  ): Promise<RunningSweep>;
}

/** What the app does with a config. What it returns is the job's result. */
export type AppTask<Config> = (config: Config, context: JobContext) => Promise<JobResult> | JobResult;

/**
 * Gives a program the whole command line: composition, overrides, sweeps, output folders, help.
 *
 *     const app = defineApp({ name: "greet", configDir, configName: "config", schema, version: "1.0.0" }, task);
 *     process.exitCode = await app.main(process.argv.slice(2));
 *
 * With a schema the task gets the validated config; without one plain data, each value
 * interpolated when it is read.
 */
export function defineApp<Schema extends z.ZodType>(
  options: AppOptions<Schema> & { readonly schema: SchemaSource<Schema> },
  task: AppTask<z.output<Schema>>,
): App;
export function defineApp(options: AppOptions<undefined>, task: AppTask<PlainConfig>): App;
export function defineApp(options: AppOptions, task: AppTask<never>): App {
  const checked = () => loadCheck(options.schema, options.configStore);
  const jobTask: JobTask = async (context) => {
    const check = await checked();
    return (task as AppTask<unknown>)(check(context.composition), context);
  };
  const { entry } = options;
  const hostOf = (host: Partial<AppHost> = {}): AppHost => ({
    ...processHost(),
    ...(entry === undefined ? {} : { entry }),
    ...host,
  });
  return {
    name: options.name,
    async main(argv, partialHost) {
      const host = hostOf(partialHost);
      try {
        if (isJobWord(argv[0])) {
          const { runJobWords } = await import("./run-job-words.ts");
          return await runJobWords({ options, task: jobTask, checked, host }, argv);
        }
        const command = await commandNamed(argv[0]);
        if (command !== undefined)
          return await command.run({ options, task: jobTask, checked, host }, argv.slice(1));
        checkCommandWord(argv[0], [...commandNames, ...(options.commands ?? [])]);
        return await runCommand({ options, task: jobTask, checked, line: parseWords(argv), host });
      } catch (fault) {
        return printFault(fault, host);
      }
    },
    compose(argv, host) {
      return new AppComposer(options, parseWords(argv), hostOf(host)).compose();
    },
    async run(argv, { signal = new AbortController().signal, host: partialHost } = {}) {
      const host = hostOf(partialHost);
      const composition = new AppComposer(options, parseWords(argv), host).compose({ mode: "RUN" });
      const check = await checked();
      const { previewPlace } = await import("./preview-place.ts");
      const { runSingle } = await import("./run-single.ts");
      check(previewPlace(composition, host.cwd));
      return runSingle(
        { composition, task: jobTask, host, json: false, callbacks: options.callbacks ?? {} },
        signal,
      );
    },
    async sweep(argv, { signal = new AbortController().signal, host: partialHost, note = () => {} } = {}) {
      const host = { ...hostOf(partialHost), stderr: note, stdout: note };
      const { programSweep } = await import("./program-sweep.ts");
      return programSweep({ options, task: jobTask, checked, host, line: parseWords(argv) }, signal, note);
    },
  };
}
