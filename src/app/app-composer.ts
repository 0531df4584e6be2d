import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ComposeOptions, Composition, Override } from "../config/index.ts";
import {
  compose,
  composeSaved,
  isSweep,
  parseOverrides,
  resolveSetting,
  type SavedConfig,
} from "../config/index.ts";
import type { AppOptions } from "./app-settings.ts";
import type { AppHost } from "./host.ts";
import type { CommandLine } from "./parse-words.ts";

/** What composing needs of an app. */
export type ComposerOptions = Pick<
  AppOptions,
  "name" | "configDir" | "configName" | "baseDir" | "defaults" | "resolvers" | "configStore"
>;

export type RunMode = "RUN" | "MULTIRUN";

/**
 * Composes the app's config for one command line: same folders, same clock, same words. With a saved run the words
 * change what that run saved, and no config folder is read.
 */
export class AppComposer {
  /** The app's own words and the user's, parsed. */
  readonly overrides: readonly Override[];
  readonly #base: ComposeOptions;
  readonly #saved: SavedConfig | undefined;
  readonly #now: Date;

  /** @throws every fault in the override words */
  constructor(options: ComposerOptions, line: CommandLine, host: AppHost, saved?: SavedConfig) {
    const defaults = saved === undefined ? (options.defaults ?? []) : [];
    const words = parseOverrides([...defaults, ...line.words]).map(reachable);
    this.#saved = saved;
    this.#now = host.now();
    // The flag is stronger than the word.
    this.overrides = words.filter(({ key }) => key !== "hydra.mode" || !line.isSet("multirun"));
    this.#base = {
      configDir: configDirOf(options, line, host),
      configName: line.configName ?? options.configName,
      overrides: this.overrides,
      configDirs: line.configDir === undefined ? [] : [resolve(host.cwd, line.configDir)],
      job: { name: options.name },
      cwd: host.cwd,
      env: { ...host.env },
      now: this.#now,
      resolvers: options.resolvers ?? {},
      configStore: options.configStore ?? {},
    };
  }

  /** The clock that `${now:…}` reads. */
  get now(): Date {
    return this.#now;
  }

  /** The folder of the saved run that the words change. */
  get savedFolder(): string | undefined {
    return this.#saved?.folder;
  }

  /** As the words say. Sweeps are faults unless `mode` is MULTIRUN. */
  compose(extra: Partial<ComposeOptions> = {}): Composition {
    const all = { ...this.#base, ...extra };
    return this.#saved === undefined ? compose(all) : composeSaved({ ...all, saved: this.#saved });
  }

  /** Without the sweeps among the words, and without choices that nobody has made. */
  composeSingle(): Composition {
    return this.compose({ overrides: this.overrides.filter(isSingle), allowMissingChoices: true });
  }

  /** One job of a sweep. */
  composeJob(taskOverrides: readonly Override[], num: number): Composition {
    return this.compose({
      overrides: [...this.hydraOverrides, ...taskOverrides],
      mode: "MULTIRUN",
      job: { ...this.#base.job, num, id: String(num) },
    });
  }

  /**
   * RUN or MULTIRUN: the flag, else `hydra.mode` in a word or a file, else RUN. A config that does not compose says
   * RUN here; its faults show when it is composed for running.
   */
  mode(line: CommandLine): RunMode {
    if (line.isSet("multirun")) return "MULTIRUN";
    try {
      return resolveSetting(this.composeSingle(), "hydra.mode") === "MULTIRUN" ? "MULTIRUN" : "RUN";
    } catch {
      return "RUN";
    }
  }

  get hydraOverrides(): readonly Override[] {
    return this.overrides.filter(isHydra);
  }

  get taskOverrides(): readonly Override[] {
    return this.overrides.filter((override) => !isHydra(override));
  }
}

function isHydra({ key }: Override): boolean {
  return key.startsWith("hydra.") || key.startsWith("hydra/");
}

function isSingle({ value }: Override): boolean {
  return value === null || !isSweep(value);
}

const freeKeys = [
  /^hydra\.sweeper\.(?:params\.|(?:grid|zip|points)(?:\.|$))/,
  /^hydra\.sweeper\.(?:max_failure_rate|direction|metric)$/,
  /^hydra\.launcher\.(?:retries|lost_retries|fail_fast|sync)$/,
];

/**
 * What a sweep runs over and what becomes of its failures stands in no file until somebody sets it, so it is added where the
 * user writes it plainly.
 */
function reachable(override: Override): Override {
  const isFree = freeKeys.some((pattern) => pattern.test(override.key));
  return override.kind === "change" && isFree ? { ...override, kind: "force" } : override;
}

function configDirOf(options: ComposerOptions, line: CommandLine, host: AppHost): string | null {
  if (line.configPath !== undefined) return resolve(folderPath(options.baseDir) ?? host.cwd, line.configPath);
  return options.configDir === null ? null : resolve(host.cwd, folderPath(options.configDir) ?? "");
}

export function folderPath(folder: string | URL): string;
export function folderPath(folder: string | URL | undefined): string | undefined;
export function folderPath(folder: string | URL | undefined): string | undefined {
  if (folder instanceof URL) return fileURLToPath(folder);
  return folder?.startsWith("file:") ? fileURLToPath(folder) : folder;
}
