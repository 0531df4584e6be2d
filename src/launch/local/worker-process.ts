import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "../claim-folder.ts";
import { errorFromRecord } from "../error-record.ts";
import { LaunchError } from "../errors.ts";
import { withNumbers } from "../json-numbers.ts";
import type { LaunchHooks, ProgramEntry } from "../launcher.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

/** A program that has not answered after this time will not. */
const READY_MS = 60_000;
/** A worker that was told to go has this long. */
const LEAVE_MS = 2_000;
/** So much of a dead worker's log goes into the error. */
const LAST_LINES = 3;

export interface WorkerOptions {
  readonly entry: ProgramEntry;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes what no job printed: the runtime's own words, and those of a crash. */
  readonly logFile: string;
}

/** A job's end as its worker has it: an outcome is in its folder, or why the job was not run. */
export type WorkerAnswer = { readonly kind: "ended" } | { readonly kind: "refused"; readonly error: Error };

interface Exit {
  readonly how: string;
  /** Whether a signal ended it, and not the program itself. */
  readonly isKilled: boolean;
}

/** A process that runs jobs of this program, one at a time, and keeps what it has loaded between them. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #options: WorkerOptions;
  readonly #ready: Promise<void>;
  readonly #exited: Promise<Exit>;
  #listener: ((message: FromWorker) => void) | undefined;
  #isGone = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    makeFolder(dirname(options.logFile));
    const log = openSync(options.logFile, "a");
    const { command, args } = options.entry;
    this.#child = spawn(command, [...args, "--serve-jobs"], {
      cwd: options.cwd,
      env: { ...options.env },
      stdio: ["ignore", log, log, "ipc"],
    });
    closeSync(log);
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (cause) => this.#gone({ how: cause.message, isKilled: false }, resolve));
      this.#child.once("exit", (code, signal) => {
        this.#gone({ how: signal ?? `exit code ${code}`, isKilled: signal !== null }, resolve);
      });
    });
    const isReady = new Promise<void>((resolve) => {
      this.#child.on("message", (message: FromWorker) => {
        if (message.kind === "ready") resolve();
        else this.#listener?.(message);
      });
    });
    this.#ready = this.#readyInTime(isReady);
    this.#ready.catch(() => {});
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /**
   * Runs the job of a folder to its end.
   *
   * @throws {LaunchError} LAUNCH_WORKER where the program cannot serve jobs, LAUNCH_JOB_LOST where the process died
   */
  async run(folder: string, signal: AbortSignal, hooks: LaunchHooks | undefined): Promise<WorkerAnswer> {
    await this.#ready;
    const abort = () => {
      const { reason } = signal;
      this.#send({ kind: "abort", reason: reason instanceof Error ? reason.message : "the sweep stops" });
    };
    const answer = new Promise<WorkerAnswer>((resolve) => {
      this.#listener = (message) => void this.#hear(message, hooks, resolve);
    });
    signal.addEventListener("abort", abort, { once: true });
    try {
      this.#send({ kind: "run", folder });
      hooks?.onStarted?.();
      if (signal.aborted) abort();
      const first = await Promise.race([answer, this.#exited]);
      if ("how" in first) throw this.#lost(first.how);
      return first;
    } finally {
      signal.removeEventListener("abort", abort);
      this.#listener = undefined;
    }
  }

  /** Sends the worker away and waits until it has gone. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), LEAVE_MS);
    await this.#exited;
    clearTimeout(kill);
  }

  async #hear(
    message: FromWorker,
    hooks: LaunchHooks | undefined,
    resolve: (answer: WorkerAnswer) => void,
  ): Promise<void> {
    if (message.kind === "ended") resolve({ kind: "ended" });
    else if (message.kind === "refused") resolve({ kind: "refused", error: errorFromRecord(message.error) });
    else if (message.kind === "report") {
      const value = withNumbers(JSON.parse(message.value)) as number;
      const answer = (await hooks?.onReport?.({ step: message.step, value })) ?? "continue";
      this.#send({ kind: "answer", answer });
    }
  }

  #send(message: ToWorker): void {
    // An error here is a worker that is going; its exit says so.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #gone(exit: Exit, resolve: (exit: Exit) => void): void {
    this.#isGone = true;
    resolve(exit);
  }

  async #readyInTime(isReady: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Exit>((resolve) => {
      const how = `no answer in ${READY_MS / 1000} s`;
      timer = setTimeout(() => resolve({ how, isKilled: false }), READY_MS);
    });
    const exit = await Promise.race([isReady, this.#exited, late]);
    clearTimeout(timer);
    if (exit === undefined) return;
    // Somebody killed it: that says nothing of the program.
    if (exit.isKilled) throw this.#lost(exit.how);
    this.#child.kill("SIGKILL");
    const { command, args } = this.#options.entry;
    throw new LaunchError(
      "LAUNCH_WORKER",
      `a worker process could not be started (${exit.how})${this.#lastWords()}`,
      {
        where: [command, ...args, "--serve-jobs"].join(" "),
        fix: "the program must hand its words to app.main as they are, or name its own start in defineApp({ entry }); hydra/launcher=basic runs the jobs in this process",
      },
    );
  }

  #lost(how: string): LaunchError {
    return new LaunchError("LAUNCH_JOB_LOST", `the job's process died (${how})${this.#lastWords()}`, {
      where: this.#options.logFile,
      fix: "it is started again hydra.launcher.lost_retries times; less memory: fewer workers with hydra.launcher.n_jobs=1",
    });
  }

  #lastWords(): string {
    const lines = readFileSync(this.#options.logFile, "utf8").trimEnd().split("\n").filter(Boolean);
    return lines.length === 0 ? "" : `: ${lines.slice(-LAST_LINES).join("; ").slice(-400)}`;
  }
}
