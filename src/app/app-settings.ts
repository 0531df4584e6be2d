import type { z } from "zod";
import type { Composition, ConfigStore, Resolver } from "../config/index.ts";
import type {
  CallbackFactory,
  JobOutcome,
  LauncherFactory,
  ProgramEntry,
  SweepSummary,
} from "../launch/index.ts";
import type { SweeperFactory } from "../sweep/index.ts";
import type { ClosingFacts } from "./closing-text.ts";
import type { SchemaSource } from "./load-check.ts";

/** What an app is made from. */
export interface AppOptions<Schema extends z.ZodType | undefined = z.ZodType | undefined> {
  /** The program's name: in the help, in `hydra.job.name` and so in the log's name. */
  readonly name: string;
  /** The app's config folder, absolute or as a URL (`new URL("./conf", import.meta.url)`); null for none. */
  readonly configDir: string | URL | null;
  /** The primary config, such as "config"; null for none. */
  readonly configName: string | null;
  /**
   * What the composed config must be, or a function that loads it; the task receives its output. Without it the task gets
   * unchecked data.
   */
  readonly schema?: SchemaSource<Schema>;
  readonly version: string;
  /**
   * Configs that the program registers, as if they were files behind all folders: `{ "db/schema": z.object({…}) }`, or plain data.
   * A zod object's defaults are the config, and it checks what the composed config has in its place.
   */
  readonly configStore?: ConfigStore;
  /** Own `${name:…}` resolvers. */
  readonly resolvers?: Readonly<Record<string, Resolver>>;
  /** Override words that stand before the user's, such as `hydra.run.dir=…`. They show in overrides.yaml. */
  readonly defaults?: readonly string[];
  /** Folder that a relative `--config-path` starts from; the working directory if left out. */
  readonly baseDir?: string | URL;
  /** Bare words that the program takes before an app's command line is read; shells complete them. */
  readonly commands?: readonly string[];
  /** Launchers beside the built-in ones, by the name that `hydra.launcher._target_` gives. */
  readonly launchers?: Readonly<Record<string, LauncherFactory>>;
  /** Sweepers beside the built-in ones, by the name that `hydra.sweeper._target_` gives. */
  readonly sweepers?: Readonly<Record<string, SweeperFactory>>;
  /** Callbacks beside the built-in ones, by the name that `hydra.callbacks.<any>._target_` gives. */
  readonly callbacks?: Readonly<Record<string, CallbackFactory>>;
  /** Called once a sweep has its folder and its first jobs are composed and checked, before any of them starts. */
  aroundSweep?(sweep: StartedSweep): Promise<SweepCompanion>;
  /** Text shown on standard error after a sweep; a table of the jobs and the best one if left out, nothing for "". */
  summarize?(outcomes: readonly JobOutcome[], facts: ClosingFacts): string;
  /** How the program is started again to run jobs elsewhere, where its own command line does not begin with the app's words. */
  readonly entry?: ProgramEntry;
}

/** A sweep that is about to run. */
export interface StartedSweep {
  /** Its folder, absolute; its jobs know it as `context.sweep.dir`. */
  readonly dir: string;
  /** The override words as typed. */
  readonly overrides: readonly string[];
  /** How many jobs there will be, where the sweeper knows. */
  readonly count: number | undefined;
  /** The first job's config. */
  readonly first: Composition;
}

/** What goes along with a sweep. */
export interface SweepCompanion {
  /** Called after the last job, with what `sweep.json` holds; undefined where the sweep itself broke off. */
  end(summary: SweepSummary | undefined): Promise<void>;
}
