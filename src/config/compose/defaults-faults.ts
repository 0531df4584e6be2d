import { closestNames } from "../../core/index.ts";
import { type ConfigError, configError } from "../errors.ts";
import { overridePlace } from "../grammar/index.ts";
import { originText, shortPath } from "../origin.ts";
import type { DefaultsTree } from "./defaults-tree.ts";
import type { ChoiceChange } from "./group-overrides.ts";
import type { PlacedEntry } from "./placed-entry.ts";
import type { Repository } from "./repository.ts";

const MOST_LISTED = 20;

/** What is wrong in a defaults list, told with the line to type. */

/** Lists are walked from their end: `later` was met first. */
export function twoChoices(entry: PlacedEntry, later: PlacedEntry): ConfigError {
  const key = entry.overrideKey;
  const word = later.entry.kind === "group" && later.entry.external ? later.origin : undefined;
  if (word?.kind === "override") {
    return configError(
      "CONFIG_DUPLICATE_CHOICE",
      `'${key}' is in the defaults list already, as '${entry.name}'`,
      {
        where: `${originText(word)}   and ${originText(entry.origin)}`,
        fix: `change its choice without the '+': ${word.text.slice(1)}`,
      },
    );
  }
  return configError(
    "CONFIG_DUPLICATE_CHOICE",
    `'${key}' is chosen twice: '${entry.name}' and '${later.name}'`,
    {
      where: `${originText(entry.origin)} and ${originText(later.origin)}`,
      fix: `keep one of the two lines, or make the later one 'override /${key}: ${later.name}'`,
    },
  );
}

export function mandatoryChoice(entry: PlacedEntry, repository: Repository): ConfigError {
  if (entry.entry.kind === "config") {
    return configError("CONFIG_DEFAULTS_INVALID", `'${entry.configPath}' is no name of a config`, {
      where: originText(entry.origin),
      fix: "only a group's option can be '???'",
    });
  }
  const key = entry.overrideKey;
  const options = repository.options(entry.groupPath);
  return configError("CONFIG_MANDATORY_CHOICE", `nothing is chosen for '${key}'`, {
    where: originText(entry.origin),
    fix: `choose with '${key}=${options[0] ?? "OPTION"}'; it offers: ${list(options)}`,
  });
}

interface Absent {
  readonly entry: PlacedEntry;
  readonly parent: DefaultsTree | null;
  readonly change: ChoiceChange | undefined;
  readonly total: number;
}

export function absentConfig({ entry, parent, change, total }: Absent, repository: Repository): ConfigError {
  const path = entry.configPath;
  const searched = repository.sources.filter(({ provider, absent }) => provider !== "hydra" && !absent);
  const folders = searched.map((source) => shortPath(source.path)).join(", ") || "no folder";
  const misnamed = repository.misnamed(path);
  const rename = misnamed && `rename '${shortPath(misnamed)}' to '${path}.yaml': configs end with .yaml`;
  if (entry.primary) {
    const near = closestNames(path, repository.options(""));
    const guess = near.length > 0 ? `did you mean '${near[0]}'? ` : "";
    return configError("CONFIG_PRIMARY_MISSING", `no primary config '${path}'`, {
      where: `searched in ${folders}`,
      fix: rename ?? `${guess}there are: ${list(repository.options(""))}`,
    });
  }
  const word = change?.word;
  const where = word
    ? overridePlace({ ...word, total }, word.valueSpan)
    : originText(change?.origin ?? entry.origin);
  const inside = parent && !word ? ` (needed by '${parent.entry.configPath}')` : "";
  if (entry.entry.kind === "group" && repository.isGroup(entry.groupPath)) {
    const options = repository.options(entry.groupPath);
    const near = closestNames(String(entry.name), options);
    const guess = near.length > 0 ? `did you mean '${near[0]}'? ` : "";
    return configError(
      "CONFIG_UNKNOWN_OPTION",
      `group '${entry.groupPath}' has no option '${entry.name}'${inside}`,
      {
        where,
        fix: rename ?? `${guess}it offers: ${list(options)}`,
      },
    );
  }
  return configError("CONFIG_UNKNOWN_OPTION", `no config '${path}'${inside}`, {
    where,
    fix: rename ?? `put a file '${path}.yaml' into one of: ${folders}${absoluteHint(entry, repository)}`,
  });
}

/** A group that exists at the root, but was looked up relative to the file. */
function absoluteHint(entry: PlacedEntry, repository: Repository): string {
  const written = entry.entry.kind === "group" ? entry.entry.group : entry.entry.path;
  if (written.startsWith("/") || entry.placement.group === "") return "";
  const exists =
    entry.entry.kind === "group" ? repository.isGroup(written) : repository.load(written) !== undefined;
  return exists ? `; did you mean the absolute '/${written}'?` : "";
}

/** The configs from one to the entry that brings it in again. */
export function cyclePath(entry: PlacedEntry, tree: DefaultsTree): readonly string[] {
  const path: string[] = [entry.configPath];
  for (let at = tree.parent; at !== null; at = at.parent) {
    path.unshift(at.entry.configPath);
    if (at.entry.configPath === entry.configPath) break;
  }
  return path;
}

export function cycle(entry: PlacedEntry, path: readonly string[]): ConfigError {
  return configError("CONFIG_DEFAULTS_CYCLE", `these configs include each other: ${path.join(" → ")}`, {
    where: originText(entry.origin),
    fix: "take one of them out of the other's defaults list",
  });
}

export function tooMany(entry: PlacedEntry, most: number): ConfigError {
  return configError("CONFIG_DEFAULTS_INVALID", `the defaults lists bring in more than ${most} configs`, {
    where: originText(entry.origin),
    fix: "look for configs that bring in each other's lists twice: the number doubles with each",
  });
}

export function misplacedOverride(override: PlacedEntry, line: PlacedEntry): ConfigError {
  const what = `the line '${line.label}' stands after 'override ${override.label}'`;
  return configError("CONFIG_OVERRIDE_MISPLACED", what, {
    where: originText(line.origin),
    fix: "move the 'override' lines to the end of the list",
  });
}

export function overrideInInterpolated(line: PlacedEntry, containing: PlacedEntry): ConfigError {
  const what = `'${containing.configPath}' was chosen by an interpolation and cannot override '${line.label}'`;
  return configError("CONFIG_OVERRIDE_IN_INTERPOLATED", what, {
    where: originText(line.origin),
    fix: "move the 'override' line to the config that has the interpolation",
  });
}

export function interpolatedOption(line: PlacedEntry, option: string): ConfigError {
  return configError("CONFIG_DEFAULTS_INTERPOLATION", `an option within a list cannot be '${option}'`, {
    where: originText(line.origin),
    fix: "give each interpolated option an entry of its own",
  });
}

export function interpolation(
  entry: PlacedEntry,
  text: string,
  known: readonly string[],
  cause: ConfigError,
): ConfigError {
  const own = known.filter((key) => !key.startsWith("hydra/"));
  const code = cause.code === "CONFIG_DEFAULTS_INVALID" ? cause.code : "CONFIG_DEFAULTS_INTERPOLATION";
  return configError(code, `'${text}' in a defaults list does not resolve: ${cause.message}`, {
    where: originText(entry.origin),
    fix: `it may name these choices: ${list(own)}`,
    cause,
  });
}

export function list(names: readonly string[]): string {
  if (names.length === 0) return "nothing";
  const more = names.length > MOST_LISTED ? `, … (${names.length} in all)` : "";
  return names.slice(0, MOST_LISTED).join(", ") + more;
}
