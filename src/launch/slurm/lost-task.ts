import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { LaunchError } from "../errors.ts";
import { stateWord } from "./task-state.ts";

export interface LostTask {
  /** As a person types it: `12_3`. */
  readonly task: string;
  /** The last state that Slurm said; undefined where it never said one. */
  readonly state: string | undefined;
  /** `CODE:SIGNAL`, where it is known. */
  readonly exitCode: string | undefined;
  /** Absolute path of the task's log. */
  readonly log: string;
}

const timeIsUp =
  "hydra.launcher.timeout_min= longer, or hydra.launcher.max_num_timeout= more, to go on from the checkpoint";

const fixes: Readonly<Record<string, string>> = {
  TIMEOUT: timeIsUp,
  OUT_OF_MEMORY: "hydra.launcher.mem_gb= more",
  NODE_FAIL: "its node died; more tries: hydra.launcher.lost_retries=",
  PREEMPTED: "another job took its place; more tries: hydra.launcher.lost_retries=",
  CANCELLED: "somebody cancelled it; more tries: hydra.launcher.lost_retries=",
  DEADLINE: "hydra.launcher.additional_parameters.deadline= later",
};

/** Of tasks that FAILED. */
const codeFixes: Readonly<Record<string, string>> = {
  // Slurm's own for a log that it cannot open.
  "0:53": "hydra.sweep.dir= a folder that the cluster's nodes can write to",
  // The script's, after the last requeue that was allowed.
  "140:0": timeIsUp,
  "127:0": "the nodes lack a program: hydra.launcher.setup='[module load …]'",
};

const TAIL_LINES = 5;
const TAIL_BYTES = 4_000;

/** A task that has ended, or is gone, and left no outcome. */
export function lostTask({ task, state, exitCode, log }: LostTask): LaunchError {
  const word = state === undefined ? undefined : stateWord(state);
  const code = exitCode === undefined || exitCode === "0:0" ? "" : ` (exit code ${exitCode})`;
  const what =
    word === undefined
      ? `Slurm does not know the task ${task} any more`
      : `the Slurm task ${task} ended as ${word}${code}`;
  const fix =
    fixes[word ?? ""] ??
    codeFixes[exitCode ?? ""] ??
    "the log says why; more tries: hydra.launcher.lost_retries=";
  return new LaunchError("LAUNCH_JOB_LOST", `${what} and left no outcome`, {
    where: { text: log, detail: tail(log) },
    fix,
  });
}

/** The last lines of a log, which may be long. */
function tail(log: string): readonly string[] {
  if (!existsSync(log)) return [];
  const file = openSync(log, "r");
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8").split("\n").filter(Boolean).slice(-TAIL_LINES);
  } finally {
    closeSync(file);
  }
}
