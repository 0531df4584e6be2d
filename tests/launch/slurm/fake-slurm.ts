import { readIndexRanges } from "../../../src/launch/slurm/index-ranges.ts";
import type { CommandResult, RunCommand } from "../../../src/launch/slurm/run-command.ts";
import type { SlurmParts } from "../../../src/launch/slurm/slurm-launcher.ts";

export interface FakeTask {
  readonly arrayId: string;
  readonly index: number;
  readonly jobName: string;
  state: string;
  reason: string;
}

const answer = (stdout: string): CommandResult => ({ code: 0, stdout, stderr: "" });
const refuse = (stderr: string, code = 1): CommandResult => ({ code, stdout: "", stderr });
/** What sbatch says to a job over any limit. */
export const overLimit =
  "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)";
const dead = refuse("Unable to contact slurm controller (connect failure)");

/**
 * A queue in memory under a clock that only moves when the launcher sleeps: for what a real one shows rarely. It answers in the
 * words of Slurm 22.05.
 */
export class FakeSlurm {
  readonly tasks: FakeTask[] = [];
  /** Every call, with its time in milliseconds. */
  readonly calls: { readonly at: number; readonly program: string; readonly args: readonly string[] }[] = [];
  readonly accounting: string[] = [];
  isDead = false;
  /** Tasks that one user may have in the queue. */
  limit = Number.POSITIVE_INFINITY;
  maxArraySize = 1001;
  /** What sbatch says to every job. */
  refusal: string | undefined;
  /** Whether sbatch names the limit of which there is too much, or only says that there is one. */
  namesLimit = true;
  /** Takes the jobs of the next sbatch, but does not say so. */
  losesNextAnswer = false;
  #now = 0;
  #nextId = 1;
  readonly #plans: { readonly at: number; readonly action: () => void }[] = [];

  /** Does something when the clock gets there. */
  at(seconds: number, action: () => void): void {
    this.#plans.push({ at: seconds * 1000, action });
  }

  get seconds(): number {
    return this.#now / 1000;
  }

  get parts(): SlurmParts {
    return {
      run: this.#run,
      now: () => this.#now,
      sleep: async (ms) => {
        this.#now += ms;
        for (const plan of this.#plans.splice(0)) {
          if (plan.at <= this.#now) plan.action();
          else this.#plans.push(plan);
        }
        await new Promise(setImmediate);
      },
    };
  }

  callsOf(program: string): readonly (readonly string[])[] {
    return this.calls.filter((call) => call.program === program).map(({ args }) => args);
  }

  /** Sets the state of all tasks. */
  set(state: string, reason = "None"): void {
    for (const task of this.tasks) Object.assign(task, { state, reason });
  }

  readonly #run: RunCommand = async (program, args) => {
    this.calls.push({ at: this.#now, program, args });
    if (program === "sacct") return this.#account();
    if (this.isDead) return dead;
    if (program === "sbatch") return this.#submit(args);
    if (program === "squeue") return this.#list(args);
    if (program === "scancel") return this.#cancel(args);
    return answer(`MaxArraySize            = ${this.maxArraySize}\n`);
  };

  #account(): CommandResult {
    if (this.accounting.length === 0) return refuse("Slurm accounting storage is disabled");
    return answer(this.accounting.join("\n"));
  }

  #submit(args: readonly string[]): CommandResult {
    const option = (name: string) =>
      args.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? "";
    const last = Number(/^0-(\d+)/.exec(option("array"))?.[1]);
    if (this.refusal !== undefined) return refuse(this.refusal);
    if (last >= this.maxArraySize)
      return refuse("sbatch: error: Batch job submission failed: Invalid job array specification");
    const live = this.tasks.filter(({ state }) => state === "PENDING" || state === "RUNNING").length;
    if (live + last + 1 > this.limit)
      return refuse(`${this.namesLimit ? "sbatch: error: AssocMaxSubmitJobLimit\n" : ""}${overLimit}`);
    const arrayId = String(this.#nextId++);
    for (let index = 0; index <= last; index++)
      this.tasks.push({ arrayId, index, jobName: option("job-name"), state: "PENDING", reason: "Priority" });
    if (!this.losesNextAnswer) return answer(`${arrayId};cluster\n`);
    this.losesNextAnswer = false;
    return refuse("sbatch: error: Batch job submission failed: Socket timed out on send/recv operation");
  }

  #list(args: readonly string[]): CommandResult {
    const names = (args[args.indexOf("-n") + 1] ?? "").split(",");
    const shown = this.tasks.filter(({ jobName }) => names.includes(jobName));
    return answer(
      shown
        .map((task) => `${task.arrayId}|${task.index}|${task.state}|${task.reason}||${task.jobName}`)
        .join("\n"),
    );
  }

  /** Pending tasks vanish, as they do in a real queue. */
  #cancel(args: readonly string[]): CommandResult {
    const named = args.flatMap((word) => {
      const [, arrayId = "", indices = ""] = /^(\d+)_\[(.*)\]$/.exec(word) ?? [];
      return readIndexRanges(indices).map((index) => `${arrayId}_${index}`);
    });
    const isNamed = ({ arrayId, index }: FakeTask) => named.includes(`${arrayId}_${index}`);
    const kept = this.tasks.filter((task) => !isNamed(task) || task.state !== "PENDING");
    for (const task of kept) if (isNamed(task)) task.state = "CANCELLED";
    this.tasks.splice(0, this.tasks.length, ...kept);
    return answer("");
  }
}
