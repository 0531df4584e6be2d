import { stuckReason } from "./pending-reason.ts";
import { type TaskStage, taskStage } from "./task-state.ts";

/** What the controller or the accounting says of a task. */
export interface Sighting {
  readonly state: string;
  /** Why it is pending. */
  readonly reason: string;
  readonly node: string;
}

/** "gone": it has ended, or nobody knows it any more. "stuck": it is pending and will never start. */
export type Verdict = "waiting" | "running" | "gone" | "stuck";

/** A requeue after a dead node or a preemption passes through these states; so long at least it may take. */
const comesBackMs = 60_000;

/**
 * Judges one task by a sequence of sightings. Slurm's word counts only where the task left no outcome, and a single bad word counts
 * for nothing: records are missing for a moment, a requeue looks like an end, and files show late on shared disks. So each bad
 * state must last for a time of grace. A query that failed is no sighting: do not call `see` for it.
 */
export class TaskWatch {
  readonly #graceMs: number;
  #bad: { readonly kind: "ended" | "perhaps-back" | "missing" | "stuck"; readonly since: number } | undefined;
  #last: Sighting | undefined;
  #isCancelled = false;

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /** The last sighting that was one. */
  get last(): Sighting | undefined {
    return this.#last;
  }

  /** A cancelled task that had not started vanishes at once and for ever. */
  cancelled(): void {
    this.#isCancelled = true;
  }

  /** @param now  milliseconds, of a clock that does not run backwards */
  see(sighting: Sighting | undefined, now: number): Verdict {
    if (sighting === undefined) return this.#isCancelled || this.#lasts("missing", now) ? "gone" : "waiting";
    this.#last = sighting;
    const stage = taskStage(sighting.state);
    if (stage === "ended" || stage === "perhaps-back") return this.#seeEnd(stage, now);
    if (stage === "waiting" && stuckReason(sighting.reason)?.isHopeless)
      return this.#lasts("stuck", now) ? "stuck" : "waiting";
    this.#bad = undefined;
    return stage;
  }

  #seeEnd(stage: Exclude<TaskStage, "waiting" | "running">, now: number): Verdict {
    return this.#lasts(stage, now) ? "gone" : "running";
  }

  #lasts(kind: "ended" | "perhaps-back" | "missing" | "stuck", now: number): boolean {
    if (this.#bad?.kind !== kind) this.#bad = { kind, since: now };
    const grace = kind === "perhaps-back" ? Math.max(this.#graceMs, comesBackMs) : this.#graceMs;
    return now - this.#bad.since >= grace;
  }
}
