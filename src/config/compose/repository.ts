import { readdirSync, type Stats, statSync } from "node:fs";
import { join, relative } from "node:path";
import { compareCodePoints } from "../grammar/index.ts";
import { type ConfigFile, readConfigFile } from "./config-file.ts";

/** A folder in which configs are looked for, or what a program has stored. */
export interface ConfigSource {
  /** Who added it: `hydra`, `main`, `command-line`, `hydra.searchpath in main`, `schema`. */
  readonly provider: string;
  /** Absolute folder; `structured://` for stored configs. */
  readonly path: string;
  /** Asked for, but not there: it is listed and never read. */
  readonly absent?: true;
  /** The stored configs by name. */
  readonly stored?: ReadonlyMap<string, ConfigFile>;
}

/** The name of the primary config when there is none. */
export const EMPTY_CONFIG = "_dummy_empty_config_";

/** Finds and reads configs in an ordered list of folders; the first that has a config wins whole. */
export class Repository {
  /** All of them, also those that are absent. */
  readonly sources: readonly ConfigSource[];
  readonly #present: readonly ConfigSource[];
  readonly #found = new Map<string, ConfigFile | null>();
  readonly #groups = new Map<string, boolean>();

  constructor(sources: readonly ConfigSource[]) {
    this.sources = sources;
    this.#present = sources.filter(({ absent }) => !absent);
  }

  /**
   * The config of that path (`db/pg`, with or without `.yaml`), or undefined.
   *
   * @throws {ConfigError} where the file is not a config
   */
  load(path: string): ConfigFile | undefined {
    const known = this.#found.get(path);
    if (known !== undefined) return known ?? undefined;
    const found = this.#find(path);
    this.#found.set(path, found ?? null);
    return found;
  }

  #find(path: string): ConfigFile | undefined {
    const name = path.endsWith(".yaml") ? path : `${path}.yaml`;
    for (const source of this.#present) {
      const stored = source.stored?.get(name.slice(0, -".yaml".length));
      if (stored !== undefined) return stored;
      const file = within(source.path, name);
      const stats = file === undefined ? undefined : statOf(file);
      if (file !== undefined && stats?.isFile()) return readConfigFile(file, stats);
    }
    return undefined;
  }

  /** Whether some folder has this group. */
  isGroup(path: string): boolean {
    let known = this.#groups.get(path);
    if (known === undefined) {
      known = this.#present.some((source) =>
        source.stored === undefined
          ? isFolder(within(source.path, path))
          : [...source.stored.keys()].some((name) => name.startsWith(`${path}/`)),
      );
      this.#groups.set(path, known);
    }
    return known;
  }

  /** The options of a group over all folders, sorted. */
  options(group: string): string[] {
    return this.#names(group, "config");
  }

  /** The file of that path that would be the config if its name ended with `.yaml` instead of `.yml`. */
  misnamed(path: string): string | undefined {
    const names = this.#present.map((source) => within(source.path, `${path}.yml`));
    return names.find((file) => file !== undefined && statOf(file)?.isFile() === true);
  }

  /** The groups directly below a group ("" is the root), sorted. */
  groups(group = ""): string[] {
    return this.#names(group, "group");
  }

  /** Every group at any depth, sorted, as `a`, `a/b`, … */
  allGroups(): string[] {
    const walk = (group: string): string[] =>
      this.groups(group).flatMap((name) => {
        const path = group === "" ? name : `${group}/${name}`;
        return [path, ...walk(path)];
      });
    return walk("");
  }

  #names(group: string, kind: "config" | "group"): string[] {
    const names = new Set<string>();
    for (const source of this.#present) {
      if (source.stored !== undefined) {
        for (const name of storedNames(source.stored.keys(), group, kind)) names.add(name);
        continue;
      }
      for (const item of entriesOf(within(source.path, group))) {
        if (item.name === "__pycache__" || item.name === "__init__.py") continue;
        const linked = item.isSymbolicLink() && statOf(join(source.path, group, item.name))?.isDirectory();
        const isGroup = item.isDirectory() || linked === true;
        if (kind === "group" ? isGroup : !isGroup && item.name.endsWith(".yaml")) {
          names.add(isGroup ? item.name : item.name.slice(0, -".yaml".length));
        }
      }
    }
    return [...names].sort(compareCodePoints);
  }
}

/** What stands directly below a group: its configs, or the groups in it. */
function storedNames(paths: Iterable<string>, group: string, kind: "config" | "group"): string[] {
  const start = group === "" ? "" : `${group}/`;
  return [...paths]
    .filter((path) => path.startsWith(start))
    .map((path) => path.slice(start.length).split("/"))
    .flatMap(([name = "", ...rest]) => (rest.length > 0 === (kind === "group") ? [name] : []));
}

/** The path below a folder; undefined for one that leads out of it: a choice is a name, and no way to other files. */
function within(folder: string, path: string): string | undefined {
  const whole = join(folder, path);
  return whole === folder || !relative(folder, whole).startsWith("..") ? whole : undefined;
}

function isFolder(path: string | undefined): boolean {
  return path !== undefined && statOf(path)?.isDirectory() === true;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // A part of the path is no folder, or the name is too long: nothing is there.
    return undefined;
  }
}

function entriesOf(path: string | undefined) {
  return path !== undefined && isFolder(path) ? readdirSync(path, { withFileTypes: true }) : [];
}
