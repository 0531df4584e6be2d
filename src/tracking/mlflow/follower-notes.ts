import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { TtmError } from "../../core/index.ts";
import { TrackingError } from "../errors.ts";
import type { FollowedRun } from "../follower.ts";
import { asTtmError, type OnWarning, warnSafely } from "../warnings.ts";
import { MlflowError } from "./errors.ts";

export interface FollowerNotesOptions {
  /** The follower's own folder: `rejects.jsonl` lies in it. */
  readonly folder: string;
  readonly run: FollowedRun;
  readonly base: string;
  readonly onWarning: OnWarning;
}

/** What a follower says and sets aside: each kind of trouble is warned of once, each refused item is written down. */
export class FollowerNotes {
  readonly #options: FollowerNotesOptions;
  readonly #warned = new Set<string>();
  #refused = 0;

  constructor(options: FollowerNotesOptions) {
    this.#options = options;
  }

  /** Items set aside so far. */
  get refused(): number {
    return this.#refused;
  }

  async reject(item: unknown, fault: MlflowError): Promise<void> {
    this.#refused += 1;
    const path = join(this.#options.folder, "rejects.jsonl");
    await appendFile(
      path,
      `${JSON.stringify({ item, code: fault.code, reason: fault.message, time: Date.now() })}\n`,
    );
    const what = `MLflow does not take ${JSON.stringify(item)}: ${fault.message}`;
    const fix = fault.fix ?? `see ${path}; everything else is sent`;
    this.warnOnce(
      `refused ${fault.code}`,
      new TrackingError("TRACKING_REFUSED", what, { where: fault.where, fix }),
    );
  }

  fault(fault: unknown): void {
    const error = asTtmError(fault, "TRACKING_REMOTE_BEHIND", "the run could not be sent");
    const what = `${error.message}; training goes on, everything is kept in the journal`;
    this.warnOnce(
      error.code,
      new TtmError(error.code, what, { where: error.where, fix: error.fix, cause: error }),
    );
  }

  renamed(kind: "metric" | "param", name: string, clean: string): void {
    const what = `MLflow does not take the name of ${kind} '${name}': it is called '${clean}' there`;
    const fix = "use letters, digits, _ - . / : and spaces in names";
    this.warnOnce(`${kind} ${name}`, new MlflowError("MLFLOW_NAME_CHANGED", what, { kind: "refused", fix }));
  }

  behind(pending: number): void {
    const { run, base } = this.#options;
    const what = `MLflow lacks the last ${pending} records of this run; they are kept in ${run.journalPath}`;
    const fix = `ttm sync ${run.runDir}   (or syncRun(runDir, uri) from ttm/tracking), when the server answers`;
    this.warnOnce("behind", new TrackingError("TRACKING_REMOTE_BEHIND", what, { where: base, fix }));
  }

  warnOnce(key: string, warning: TtmError): void {
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    warnSafely(this.#options.onWarning, warning);
  }
}
