import { TrackingError } from "../errors.ts";
import type { AfterFault } from "../lane.ts";
import { MlflowError, type MlflowFaultKind } from "./errors.ts";
import { retryDelay } from "./retry-delay.ts";

/** While the login or the settings are wrong: somebody may mend them in place. */
const PAUSE_MILLISECONDS = 120_000;
/** At the end, tries follow each other at least this often. */
const LAST_TRIES_MILLISECONDS = 1_000;
/** So often the same content may meet a status 500 before it counts as refused. */
const SERVER_FAULTS_AT_MOST = 5;

/** What is known when a fault comes. */
export interface FaultMoment {
  /** How many requests that write the server has accepted so far. */
  readonly accepted: number;
  readonly finishing: boolean;
  /** The end waits for a server that has never answered. */
  readonly hopeless: boolean;
}

/** Decides for one lane when to try again. */
export class FaultPolicy {
  readonly #random: () => number;
  #failures = 0;
  #accepted = 0;
  #serverFaults = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The server has failed so often on this very content that its failing counts as a refusal. */
  get stubborn(): boolean {
    return this.#serverFaults >= SERVER_FAULTS_AT_MOST;
  }

  /** Something was delivered. */
  delivered(): void {
    this.#serverFaults = 0;
    this.#failures = 0;
  }

  after(fault: unknown, { accepted, finishing, hopeless }: FaultMoment): AfterFault {
    // A line that breaks now and then is not a server that is down: whatever got through begins the waits anew.
    this.#failures = accepted > this.#accepted ? 1 : this.#failures + 1;
    this.#accepted = accepted;
    const { kind, retryAfter, status } = describeFault(fault);
    if (status === 500) this.#serverFaults += 1;
    if (kind === "permanent" || (finishing && (kind !== "transient" || hopeless))) return "stop";
    if (kind !== "transient") return { retryIn: PAUSE_MILLISECONDS };
    const delay = retryDelay(this.#failures, retryAfter, this.#random);
    return {
      retryIn: finishing ? Math.min(delay, Math.max(LAST_TRIES_MILLISECONDS, retryAfter ?? 0)) : delay,
    };
  }
}

function describeFault(fault: unknown): {
  kind: MlflowFaultKind;
  retryAfter: number | undefined;
  status: number | undefined;
} {
  if (fault instanceof MlflowError)
    return { kind: fault.kind, retryAfter: fault.retryAfterMilliseconds, status: fault.status };
  return { kind: kindOfLocalFault(fault), retryAfter: undefined, status: undefined };
}

/** A run that another process is sending is tried again, as is a disk that is full; a journal that is none never heals. */
function kindOfLocalFault(fault: unknown): MlflowFaultKind {
  if (!(fault instanceof TrackingError)) return "transient";
  return fault.code === "TRACKING_RUN_BUSY" ? "paused" : "permanent";
}
