import { userInfo } from "node:os";
import { type AccountedTask, readSacct, sacctArguments } from "./read-sacct.ts";
import { readJobRecords, readMaxArraySize } from "./read-scontrol.ts";
import { type QueuedTask, readSqueue, squeueArguments } from "./read-squeue.ts";
import { hungCode, type RunCommand } from "./run-command.ts";

/** What became of a submission. "unknown": the controller may have taken it or not. */
export type Submission =
  | { readonly kind: "accepted"; readonly arrayId: string }
  | { readonly kind: "unknown"; readonly message: string }
  | { readonly kind: "full"; readonly message: string }
  /** The site's limits forbid it, and which of them is not said: too many jobs, or one that asks for too much. */
  | { readonly kind: "limited"; readonly message: string }
  | { readonly kind: "refused"; readonly message: string };

/** What Slurm's commands say when the controller is dead, starting or overloaded. */
const noAnswer =
  /unable to contact slurm controller|connect(ion)? (failure|refused|timed out)|socket timed out|zero bytes|transport endpoint|temporarily unable|temporarily unavailable|in standby mode|slurm backup controller|unexpected message|communication/i;

/** A limit on how many jobs a user may have: there is room again when some have ended. */
const isFull = /(Max|Grp)SubmitJob|MaxJobCount|too many (jobs|tasks)|queue is full/i;

/** The same sentence for any limit, with or without the name of the limit in a line before it. */
const isLimited = /violates accounting\/QOS policy/i;
const limitName = /\b(Assoc|QOS)[A-Z]\w+/;

/** Slurm's commands, each as one question and its answer; `undefined` always means "no news". */
export class SlurmCommands {
  readonly #run: RunCommand;
  #hasAccounting = true;

  constructor(run: RunCommand) {
    this.#run = run;
  }

  async submit(args: readonly string[]): Promise<Submission> {
    const { code, stdout, stderr } = await this.#run("sbatch", args);
    const arrayId = /^(\d+)(?:;|\s|$)/m.exec(stdout)?.[1];
    if (code === 0 && arrayId !== undefined) return { kind: "accepted", arrayId };
    const message = tidy(stderr || stdout) || `sbatch ended with code ${code}`;
    if (isFull.test(message)) return { kind: "full", message };
    if (isLimited.test(message) && !limitName.test(message)) return { kind: "limited", message };
    if (code === 0 || code === hungCode || noAnswer.test(message)) return { kind: "unknown", message };
    return { kind: "refused", message };
  }

  /** The tasks of all arrays with these names. */
  async queue(jobNames: readonly string[]): Promise<readonly QueuedTask[] | undefined> {
    const { code, stdout } = await this.#run("squeue", squeueArguments(jobNames, userInfo().uid));
    return code === 0 ? readSqueue(stdout) : undefined;
  }

  /** What the accounting knows of these arrays; many sites have none. */
  async account(arrayIds: readonly string[]): Promise<readonly AccountedTask[] | undefined> {
    if (!this.#hasAccounting) return undefined;
    try {
      const { code, stdout, stderr } = await this.#run("sacct", sacctArguments(arrayIds));
      if (/accounting storage is disabled/i.test(stderr)) this.#hasAccounting = false;
      return code === 0 ? readSacct(stdout) : undefined;
    } catch {
      this.#hasAccounting = false;
      return undefined;
    }
  }

  /** @returns whether the controller took the order; `scancel` itself says nothing of tasks that it does not know */
  async cancel(tasks: readonly string[]): Promise<boolean> {
    const { code, stderr } = await this.#run("scancel", tasks);
    return code === 0 || !noAnswer.test(stderr);
  }

  /** How many tasks one array may have. */
  async maxArraySize(): Promise<number | undefined> {
    const { code, stdout } = await this.#run("scontrol", ["show", "config"]);
    return code === 0 ? readMaxArraySize(stdout) : undefined;
  }

  /** `CODE:SIGNAL` of the tasks of an array, by index; without those that the controller has forgotten. */
  async exitCodes(arrayId: string): Promise<ReadonlyMap<number, string>> {
    const { stdout } = await this.#run("scontrol", ["-o", "show", "job", arrayId]);
    const records = readJobRecords(stdout);
    return new Map(records.map((record) => [Number(record["ArrayTaskId"]), record["ExitCode"] ?? ""]));
  }
}

/** `sbatch: error: …` without its prefixes, in one line. */
function tidy(message: string): string {
  const lines = message.split("\n").map((line) => line.replace(/^sbatch: (error: )?/, "").trim());
  return lines.filter(Boolean).join("; ");
}
