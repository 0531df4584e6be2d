/** How a flag takes a value: not at all, always, or where one of its choices follows. */
type FlagValue = "none" | "required" | "optional";

export interface Flag {
  readonly long: string;
  readonly short?: string;
  readonly value: FlagValue;
  readonly choices?: readonly string[];
  /** What stands for the value in the help. */
  readonly placeholder?: string;
  /** May be shortened to a unique beginning, as Hydra's own flags may. */
  readonly abbreviable: boolean;
  readonly help: string;
}

const infoKinds = ["all", "config", "defaults", "defaults-tree", "plugins", "searchpath"] as const;

/** Every flag that an app understands. A flag may stand anywhere among the overrides. */
export const flags = {
  help: {
    long: "help",
    short: "h",
    value: "none",
    abbreviable: true,
    help: "the app's help: groups and config",
  },
  hydraHelp: {
    long: "hydra-help",
    value: "none",
    abbreviable: true,
    help: "help on flags and the hydra groups",
  },
  version: { long: "version", value: "none", abbreviable: true, help: "the app's version" },
  cfg: {
    long: "cfg",
    short: "c",
    value: "required",
    choices: ["job", "hydra", "all"],
    abbreviable: true,
    help: "print the config instead of running",
  },
  package: {
    long: "package",
    short: "p",
    value: "required",
    placeholder: "KEY",
    abbreviable: true,
    help: "with --cfg: only this part of the config",
  },
  resolve: {
    long: "resolve",
    value: "none",
    abbreviable: true,
    help: "with --cfg, --query or --help: interpolate",
  },
  run: { long: "run", short: "r", value: "none", abbreviable: true, help: "run one job (the default)" },
  multirun: { long: "multirun", short: "m", value: "none", abbreviable: true, help: "run a sweep of jobs" },
  configPath: {
    long: "config-path",
    short: "cp",
    value: "required",
    placeholder: "DIR",
    abbreviable: true,
    help: "use this config folder instead of the app's",
  },
  configName: {
    long: "config-name",
    short: "cn",
    value: "required",
    placeholder: "NAME",
    abbreviable: true,
    help: "use this primary config instead of the app's",
  },
  configDir: {
    long: "config-dir",
    short: "cd",
    value: "required",
    placeholder: "DIR",
    abbreviable: true,
    help: "a further config folder, after the app's",
  },
  info: {
    long: "info",
    short: "i",
    value: "optional",
    choices: infoKinds,
    placeholder: "WHAT",
    abbreviable: true,
    help: `show how the config came about: ${infoKinds.join(", ")}`,
  },
  shellCompletion: {
    long: "shell-completion",
    short: "sc",
    value: "none",
    abbreviable: true,
    help: "with install=SHELL, uninstall=SHELL or query=SHELL (bash, zsh, fish)",
  },
  explain: {
    long: "explain",
    value: "required",
    placeholder: "KEY",
    abbreviable: false,
    help: "say who set this key",
  },
  query: {
    long: "query",
    value: "required",
    placeholder: "JSONPATH",
    abbreviable: false,
    help: "print what a JSONPath finds in the config, such as '$.training..lr'",
  },
  resume: {
    long: "resume",
    value: "required",
    placeholder: "DIR",
    abbreviable: false,
    help: "go on with the run or the sweep of this folder where it was broken off",
  },
  retryFailed: {
    long: "retry-failed",
    value: "none",
    abbreviable: false,
    help: "with --resume: run the jobs of a sweep that failed once more",
  },
  detach: {
    long: "detach",
    value: "none",
    abbreviable: false,
    help: "leave a sweep to a process of its own and return at once",
  },
  dryRun: { long: "dry-run", value: "none", abbreviable: false, help: "list the jobs without running them" },
  json: { long: "json", value: "none", abbreviable: false, help: "print the result as one JSON object" },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof flags;

export type InfoKind = (typeof infoKinds)[number];

export type ConfigKind = "job" | "hydra" | "all";

/** The lines of `--help` on flags. */
export function flagsHelp(): string {
  const rows = Object.values<Flag>(flags).map((flag) => {
    const names = [...(flag.short === undefined ? [] : [`-${flag.short}`]), `--${flag.long}`].join(", ");
    return [`${names}${valueHelp(flag)}`, flag.help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}\n`).join("");
}

function valueHelp(flag: Flag): string {
  const name = flag.placeholder ?? (flag.choices ?? []).join("|");
  if (flag.value === "none") return "";
  return flag.value === "required" ? ` ${name}` : ` [${name}]`;
}
