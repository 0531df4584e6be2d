import { availableParallelism, totalmem } from "node:os";
import type { PlainValue } from "../../config/index.ts";
import { pythonStr } from "../../config/index.ts";
import { LaunchError } from "../errors.ts";

/** A worker is not started for less memory than this, unless `n_jobs` asks for it. */
const LEAST_MEMORY_MB = 1024;
/** The part of the machine's memory that all workers together may fill. */
const MEMORY_SHARE = 0.8;
/** What Node takes at most for its heap where nobody says otherwise. */
const NODE_HEAP_MB = 4096;

/** What each worker gets. */
export interface WorkerShare {
  readonly env: Readonly<Record<string, string>>;
  /** For Node itself. */
  readonly args: readonly string[];
}

export interface LocalSettings {
  /** How many workers there are. */
  readonly jobs: number;
  /** The share of the worker with this number, from 0. */
  share(worker: number): WorkerShare;
}

type Settings = ReadonlyMap<string, PlainValue>;

export interface Machine {
  readonly cores: number;
  readonly memoryMb: number;
}

/** What this process may use: a container has less than its machine. */
export function thisMachine(): Machine {
  const limit = process.constrainedMemory();
  const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return { cores: availableParallelism(), memoryMb: Math.floor(memory / 2 ** 20) };
}

/**
 * `hydra.launcher.{n_jobs, threads, gpus, memory_mb}`: how many workers, and what part of the machine each has. Left out, there
 * is a worker for each core, as memory allows; with `n_jobs` alone the workers share the cores.
 *
 * @throws {LaunchError} LAUNCH_SETTING
 */
export function localSettings(
  settings: Settings,
  env: Readonly<Record<string, string | undefined>>,
  machine: Machine = thisMachine(),
): LocalSettings {
  const asked = count(settings, "n_jobs");
  const threadsAsked = count(settings, "threads");
  const gpus = gpuSlots(settings.get("gpus"), env);
  const jobs = asked ?? gpus?.length ?? defaultJobs(machine, threadsAsked ?? 1);
  const threads = threadsAsked ?? Math.max(1, Math.floor(machine.cores / jobs));
  const memory = count(settings, "memory_mb") ?? Math.floor((machine.memoryMb * MEMORY_SHARE) / jobs);
  const isKnown = settings.get("memory_mb") !== undefined && settings.get("memory_mb") !== null;
  const args = isKnown || memory < NODE_HEAP_MB ? [`--max-old-space-size=${memory}`] : [];
  // Who sets these for the whole command means them for every job.
  const ownThreads = env["OMP_NUM_THREADS"] === undefined || threadsAsked !== undefined;
  return {
    jobs,
    share: (worker) => ({
      args,
      env: {
        ...(ownThreads ? { OMP_NUM_THREADS: String(threads) } : {}),
        ...(gpus === undefined ? {} : { CUDA_VISIBLE_DEVICES: gpus[worker % gpus.length] ?? "" }),
      },
    }),
  };
}

function defaultJobs({ cores, memoryMb }: Machine, threads: number): number {
  const byMemory = Math.floor((memoryMb * MEMORY_SHARE) / LEAST_MEMORY_MB);
  return Math.max(1, Math.min(Math.floor(cores / threads), byMemory));
}

/** The devices that the workers take in turn: a list of ids, the first so many, or those that this process may see. */
function gpuSlots(
  value: PlainValue | undefined,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] | undefined {
  const seen = env["CUDA_VISIBLE_DEVICES"]?.split(",").filter((id) => id !== "");
  if (value === undefined || value === null) return seen?.length ? seen : undefined;
  if (Array.isArray(value) && value.length > 0) return value.map((id: PlainValue) => pythonStr(id));
  if (typeof value === "bigint" && value > 0n) {
    const all = seen ?? Array.from({ length: Number(value) }, (_, id) => String(id));
    if (all.length >= value) return all.slice(0, Number(value));
    throw tooFewGpus(Number(value), all.length);
  }
  throw new LaunchError("LAUNCH_SETTING", `hydra.launcher.gpus cannot be ${pythonStr(value)}`, {
    where: "hydra.launcher.gpus",
    fix: "hydra.launcher.gpus=2 for the first two, hydra.launcher.gpus=[0,3] for these, null for those of CUDA_VISIBLE_DEVICES",
  });
}

function tooFewGpus(asked: number, seen: number): LaunchError {
  return new LaunchError(
    "LAUNCH_SETTING",
    `${asked} GPUs are asked for, and CUDA_VISIBLE_DEVICES lets this process see ${seen}`,
    {
      where: `hydra.launcher.gpus=${asked}`,
      fix:
        seen > 0
          ? `hydra.launcher.gpus=${seen}`
          : "hydra.launcher.gpus=null to run without, or unset the variable",
    },
  );
}

function count(settings: Settings, name: string): number | undefined {
  const value = settings.get(name);
  if (value === undefined || value === null) return undefined;
  // -1 is joblib's word for all cores.
  if (name === "n_jobs" && value === -1n) return undefined;
  if (typeof value === "bigint" && value > 0n) return Number(value);
  throw new LaunchError(
    "LAUNCH_SETTING",
    `hydra.launcher.${name} must be a whole number above 0, not ${pythonStr(value)}`,
    {
      where: `hydra.launcher.${name}`,
      fix: `hydra.launcher.${name}=2, or null`,
    },
  );
}
