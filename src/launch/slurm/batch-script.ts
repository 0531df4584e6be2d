/** Exit code of a job that SIGUSR2 (12) ended: it has saved its state, or the signal came before it could listen. */
const timeIsUpCode = 128 + 12;

export interface BatchScriptParts {
  /** Absolute; every task starts there. */
  readonly cwd: string;
  readonly setup: readonly string[];
  /** The program that runs the job of one task; it finds its index in `SLURM_ARRAY_TASK_ID`. */
  readonly command: readonly string[];
  /** Absolute folder of the batch. */
  readonly folder: string;
  readonly maxTimeouts: number;
}

/**
 * The script of every task of an array. The shell stays the task's first process: it passes signals on to the job, and queues
 * the task again when the job was stopped for its time limit. SIGUSR2 comes some time before the time limit; USR1 would start Node's inspector.
 * A requeued task keeps its id and its index, so nothing else has to know of it.
 */
export function batchScript(parts: BatchScriptParts): string {
  const { cwd, setup, command, folder, maxTimeouts } = parts;
  return `#!/bin/bash
cd -- ${shellQuote(cwd)} || exit 1

job= caught=yes
pass_on() { caught=yes; [ -z "$job" ] || kill -s "$1" "$job" 2>/dev/null; }
trap 'pass_on USR2' USR2
trap 'pass_on TERM' TERM

${setup.map((line) => `${line}\n`).join("")}${command.map(shellQuote).join(" ")} &
job=$!
# A signal that is passed on interrupts the wait.
while [ -n "$caught" ]; do
  caught=
  wait "$job"
  code=$?
done

timeouts=${shellQuote(folder)}/$SLURM_ARRAY_TASK_ID.timeouts
if [ $code -eq ${timeIsUpCode} ] && [ "$(cat "$timeouts" 2>/dev/null | wc -l)" -lt ${maxTimeouts} ]; then
  date >> "$timeouts"
  until scontrol requeue "\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"; do sleep 5; done
  sleep 60 # Slurm ends this task now, to start it again.
fi
exit $code
`;
}

export function shellQuote(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
