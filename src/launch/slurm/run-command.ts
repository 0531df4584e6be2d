import { execFile } from "node:child_process";
import { LauncherFault } from "../errors.ts";
import { slurmEnvironment } from "./slurm-environment.ts";

export interface CommandResult {
  /** The exit code; 124 where the command was ended because it hung. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of Slurm's commands to its end; rejects where it cannot be started. */
export type RunCommand = (program: string, args: readonly string[]) => Promise<CommandResult>;

/** A command that hangs so long has no news; its own timeouts are shorter. */
const HANGS_MS = 120_000;

/** The code that `timeout` gives. */
export const hungCode = 124;

/** A queue of 100,000 tasks. */
const MAX_OUTPUT = 2 ** 26;

/**
 * Runs commands without a shell, and without what an outer Slurm job left in the environment. They reject with a
 * LAUNCH_SLURM_MISSING where there is no such command here.
 */
export function commandRunner(env: Readonly<Record<string, string | undefined>>, cwd: string): RunCommand {
  const options = { env: slurmEnvironment(env), cwd, timeout: HANGS_MS, maxBuffer: MAX_OUTPUT };
  return (program, args) =>
    new Promise((done, fail) => {
      execFile(program, [...args], options, (error, stdout, stderr) => {
        if (error?.code === "ENOENT") return fail(noSlurm(program, error));
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : hungCode;
        done({ code, stdout, stderr });
      });
    });
}

function noSlurm(program: string, cause: unknown): LauncherFault {
  return new LauncherFault("LAUNCH_SLURM_MISSING", `there is no command '${program}' here`, {
    where: "hydra.launcher",
    fix: "run this on a machine that submits to the cluster, or on this one alone: hydra/launcher=local",
    cause,
  });
}
