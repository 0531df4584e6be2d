import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const shared = process.env["TTM_SHARED"] ?? resolve(import.meta.dirname, "../../../shared");
const script = join(shared, "scripts/slurm-test-cluster");

/** Preemption by partition, and arrays of at most 30 tasks. */
const settings = [
  "MaxArraySize=30",
  "PreemptType=preempt/partition_prio",
  "PreemptMode=REQUEUE",
  "PartitionName=urgent Nodes=ALL PriorityTier=10 MaxTime=INFINITE State=UP",
].join("\n");

/** By custom the user without rights. */
const NOBODY = 65534;

export interface QueueLine {
  /** `12_3`, or `12` for a job that is no array. */
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly node: string;
}

/** A command that runs, with what it has printed so far. */
export interface Started {
  readonly pid: number;
  text(): string;
  /** Waits until the text matches. */
  until(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** A real Slurm of our own; the commands in its `PATH` note when they are called. */
export class SlurmCluster {
  readonly #dir: string;
  readonly #bin: string;
  readonly env: Record<string, string | undefined>;

  /** @param root  an empty folder; its path must be short, because it will hold sockets */
  constructor(root: string) {
    this.#dir = join(root, "c");
    this.#bin = join(root, "bin");
    this.env = {
      ...process.env,
      SLURM_TEST_DIR: this.#dir,
      SLURM_TEST_EXTRA: settings,
      SLURM_CONF: join(this.#dir, "slurm.conf"),
      PATH: `${this.#bin}:${process.env["PATH"]}`,
    };
  }

  /** @returns why there is no cluster here; undefined once it runs */
  async start(nodes: number): Promise<string | undefined> {
    chmodSync(dirname(this.#dir), 0o755);
    if (!existsSync(script)) return `there is no Slurm test cluster (${script})`;
    try {
      await run(script, ["start", String(nodes)], { env: this.env, timeout: 120_000 });
    } catch (error) {
      return error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    }
    await this.#wrap();
    return undefined;
  }

  async stop(): Promise<void> {
    if (existsSync(this.#dir)) await this.do("stop");
  }

  /** `kill-node n2`, `start-controller`, … */
  async do(...words: string[]): Promise<void> {
    await run(script, words, { env: this.env, timeout: 120_000 });
  }

  /** Runs one of Slurm's commands, not counted. */
  async slurm(program: string, ...args: string[]): Promise<string> {
    const env = { ...this.env, PATH: process.env["PATH"] };
    return (await run(program, args, { env })).stdout;
  }

  /** Submits a job that is none of a sweep's, as another user where we may. @returns its id */
  async submit(args: readonly string[], isOtherUser = false): Promise<string> {
    const env = { ...this.env, PATH: process.env["PATH"] };
    const user = isOtherUser && process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    const words = ["--parsable", "--output=/dev/null", "--chdir=/", ...args];
    return (await run("sbatch", words, { env, ...user })).stdout.trim();
  }

  async queue(): Promise<readonly QueueLine[]> {
    const text = await this.slurm("squeue", "-h", "-r", "-t", "all", "-o", "%i|%j|%T|%N");
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [id = "", name = "", state = "", node = ""] = line.split("|");
        return { id, name, state, node };
      });
  }

  /** Waits until tasks with this name are in the state, and gives them. */
  async tasks(name: RegExp, state: string, count = 1): Promise<readonly QueueLine[]> {
    for (let tries = 0; tries < 600; tries++) {
      const found = (await this.queue()).filter((line) => name.test(line.name) && line.state === state);
      if (found.length >= count) return found;
      await wait(200);
    }
    throw new Error(`no ${count} tasks ${name} are ${state}`);
  }

  /** Seconds at which a command was called through `PATH`. */
  calls(program: string): readonly number[] {
    const file = join(this.#bin, `${program}.calls`);
    if (!existsSync(file)) return [];
    return readFileSync(file, "utf8").split("\n").filter(Boolean).map(Number);
  }

  /** Starts a program with the cluster's environment. */
  launch(args: readonly string[], cwd: string): Started {
    const child = spawn(process.execPath, args, { cwd, env: this.env, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        text += String(chunk);
      });
    }
    const ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
    return {
      pid: child.pid ?? 0,
      text: () => text,
      ended,
      kill: (signal) => child.kill(signal),
      async until(pattern) {
        for (let tries = 0; tries < 1200 && child.exitCode === null; tries++) {
          if (pattern.test(text)) return;
          await wait(100);
        }
        if (!pattern.test(text)) throw new Error(`${pattern} was not printed: ${text}`);
      },
    };
  }

  async #wrap(): Promise<void> {
    mkdirSync(this.#bin, { recursive: true });
    for (const program of ["squeue", "sbatch", "scancel"]) {
      const { stdout } = await run("which", [program]);
      const file = join(this.#bin, program);
      writeFileSync(file, `#!/bin/bash\ndate +%s.%N >> ${file}.calls\nexec ${stdout.trim()} "$@"\n`);
      chmodSync(file, 0o755);
    }
  }
}

/** The smallest number of seconds between two calls. */
export function closest(calls: readonly number[]): number {
  return Math.min(...calls.slice(1).map((at, place) => at - (calls[place] ?? 0)));
}
