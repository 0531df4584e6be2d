import { join, resolve } from "node:path";
import type { PlainValue } from "../../config/index.ts";
import { pythonStr } from "../../config/index.ts";
import { didYouMean, throwAll } from "../../core/index.ts";
import { LaunchError } from "../errors.ts";
import { minPollSeconds } from "./poll-pace.ts";
import { ownOptions, sbatchSettings } from "./sbatch-settings.ts";
import { type Reader, readers } from "./setting-readers.ts";

/** The `hydra.launcher` node of a Slurm launcher, checked. */
export interface SlurmSettings {
  /** What the user asks of `sbatch`: `["--time=60", "--partition=gpu"]`. */
  readonly options: readonly string[];
  /** Start of the job's name in the queue. */
  readonly name: string;
  /** Absolute folder of our records, scripts and logs. */
  readonly folder: string;
  /** How many tasks of one array may run at once; undefined for as many as there is room for. */
  readonly parallelism: number | undefined;
  /** Seconds before the time limit at which a task is told to save its state. */
  readonly signalDelay: number;
  /** How often a task that ran into its time limit is queued again. */
  readonly maxTimeouts: number;
  /** Lines of shell that run before the job. */
  readonly setup: readonly string[];
  /** Whether standard error goes to the same log as standard output. */
  readonly oneLog: boolean;
  /** Seconds between two looks at the queue. */
  readonly pollSeconds: number;
  /** Seconds that a task without an outcome may look ended before it counts as lost. */
  readonly graceSeconds: number;
}

/** Of every launcher; the driver reads them. */
const policySettings = ["retries", "lost_retries", "fail_fast", "sync"] as const;

/** At most this share of the time limit lies behind the warning: a delay longer than the limit would warn at the start. */
const signalShare = 4;

/**
 * Reads the keys that submitit's launcher has, and ours.
 *
 * @throws {LaunchError} LAUNCH_SLURM_SETTING; all faults in one go
 */
export function readSlurmSettings(
  settings: ReadonlyMap<string, PlainValue>,
  { sweepDir, cwd }: { readonly sweepDir: string; readonly cwd: string },
): SlurmSettings {
  const found = new SettingsReader(settings);
  const passed = Object.entries(sbatchSettings).flatMap(([key, { flag, read }]) => {
    const value = found.read(key, read);
    return value === undefined ? [] : [`--${flag}=${value}`];
  });
  const additional = [...(found.read("additional_parameters", readers.map) ?? [])].flatMap(
    ([key, value]) => found.attempt(() => additionalOption(key, value)) ?? [],
  );
  for (const key of ["nodes", "tasks_per_node"]) found.read(key, one);
  found.read("srun_args", nothing);
  const minutes = found.read("timeout_min", readers.count) ?? 60;
  const delay = found.read("signal_delay_s", readers.count) ?? 120;
  const folder = found.read("submitit_folder", readers.text) ?? join(sweepDir, ".slurm");
  const read: SlurmSettings = {
    options: [...passed, ...additional],
    name: found.read("name", readers.text) ?? "sweep",
    folder: resolve(cwd, folder.replace(/\/%j\/?$/, "")),
    parallelism: found.read("array_parallelism", readers.count),
    signalDelay: Math.min(delay, Math.ceil((60 * minutes) / signalShare)),
    maxTimeouts: found.read("max_num_timeout", readers.amount) ?? 0,
    setup: found.read("setup", readers.lines) ?? [],
    oneLog: found.read("stderr_to_stdout", readers.flag) ?? true,
    pollSeconds: Math.max(found.read("poll_interval_s", readers.amount) ?? 15, minPollSeconds),
    graceSeconds: found.read("grace_s", readers.amount) ?? 30,
  };
  found.end();
  return read;
}

/** Collects what is wrong. A key that was never read is no setting. */
class SettingsReader {
  readonly #settings: ReadonlyMap<string, PlainValue>;
  readonly #known = new Set(["_target_", "params", ...policySettings]);
  readonly #faults = new Map<string, LaunchError>();

  constructor(settings: ReadonlyMap<string, PlainValue>) {
    this.#settings = settings;
  }

  read<T>(key: string, reader: Reader<T>): T | undefined {
    this.#known.add(key);
    return this.attempt(() => readers.optional(reader)(key, this.#settings.get(key)));
  }

  attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (fault) {
      if (!(fault instanceof LaunchError)) throw fault;
      this.#faults.set(fault.message, fault);
      return undefined;
    }
  }

  /** @throws {LaunchError} LAUNCH_SLURM_SETTING */
  end(): void {
    const unknown = [...this.#settings.keys()].filter((key) => !this.#known.has(key));
    throwAll([...this.#faults.values(), ...unknown.map((key) => noSetting(key, this.#known))]);
  }
}

/** submitit's rule: `true` is a bare option, and `_` in a key stands for `-`. */
function additionalOption(key: string, value: PlainValue): string[] {
  const flag = key.replaceAll("_", "-");
  if (ownOptions.has(flag)) {
    throw new LaunchError("LAUNCH_SLURM_SETTING", `the launcher sets --${flag} itself`, {
      where: `hydra.launcher.additional_parameters.${key}`,
      fix: `leave it out: ~hydra.launcher.additional_parameters.${key}`,
    });
  }
  if (!/^[a-z][a-z-]*$/.test(flag) || /[\n\r\0]/.test(pythonStr(value))) {
    throw new LaunchError("LAUNCH_SLURM_SETTING", `'${key}' is no option of sbatch`, {
      where: "hydra.launcher.additional_parameters",
      fix: "+hydra.launcher.additional_parameters.reservation=NAME for --reservation=NAME",
    });
  }
  if (value === true) return [`--${flag}`];
  if (value === null || value === false) return [];
  return [`--${flag}=${pythonStr(value)}`];
}

function noSetting(key: string, known: ReadonlySet<string>): LaunchError {
  const advice = `an option of sbatch: +hydra.launcher.additional_parameters.${key}=VALUE`;
  return new LaunchError("LAUNCH_SLURM_SETTING", `the Slurm launcher has no setting '${key}'`, {
    where: `hydra.launcher.${key}`,
    fix: [didYouMean(key, known), advice].filter(Boolean).join(" "),
  });
}

const one: Reader<number> = (key, value) => {
  const count = readers.count(key, value);
  if (count === 1) return count;
  throw new LaunchError(
    "LAUNCH_SLURM_SETTING",
    `a job is one process: hydra.launcher.${key}=${count} has no use`,
    {
      where: `hydra.launcher.${key}`,
      fix: `hydra.launcher.${key}=1; more cores for it: hydra.launcher.cpus_per_task=`,
    },
  );
};

const nothing: Reader<readonly string[]> = (key, value) => {
  const lines = readers.lines(key, value);
  if (lines.length === 0) return lines;
  throw new LaunchError("LAUNCH_SLURM_SETTING", "jobs are started without srun", {
    where: `hydra.launcher.${key}`,
    fix: `hydra.launcher.${key}=null; options of sbatch go into hydra.launcher.additional_parameters`,
  });
};
