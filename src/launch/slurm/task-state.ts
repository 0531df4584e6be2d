/** Where a task stands, whatever word Slurm has for it. */
export type TaskStage = "waiting" | "running" | "ended" | "perhaps-back";

/**
 * Every base state of Slurm. "perhaps-back" is final only where Slurm does not requeue the task: after a dead node or a
 * preemption it is pending again a moment later.
 */
const stages: Readonly<Record<string, TaskStage>> = {
  PENDING: "waiting",
  CONFIGURING: "waiting",
  REQUEUED: "waiting",
  REQUEUE_HOLD: "waiting",
  REQUEUE_FED: "waiting",
  SPECIAL_EXIT: "waiting",
  RESV_DEL_HOLD: "waiting",
  RUNNING: "running",
  COMPLETING: "running",
  SUSPENDED: "running",
  STOPPED: "running",
  SIGNALING: "running",
  STAGE_OUT: "running",
  RESIZING: "running",
  COMPLETED: "ended",
  FAILED: "ended",
  CANCELLED: "ended",
  TIMEOUT: "ended",
  OUT_OF_MEMORY: "ended",
  DEADLINE: "ended",
  BOOT_FAIL: "ended",
  REVOKED: "ended",
  NODE_FAIL: "perhaps-back",
  PREEMPTED: "perhaps-back",
};

/**
 * @param state  as squeue or sacct print it, such as `RUNNING` or `CANCELLED by 1000`
 * @returns "running" for a state that this table does not know: a live task taken for dead would run twice
 */
export function taskStage(state: string): TaskStage {
  return stages[stateWord(state)] ?? "running";
}

/** The state alone: sacct adds who cancelled, a list has flags behind the state. */
export function stateWord(state: string): string {
  return state.split(/[ +]/, 1)[0] ?? "";
}
