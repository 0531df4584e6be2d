import { setMaxListeners } from "node:events";
import { mkdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Dispatcher } from "undici";
import { TrackingError } from "../errors.ts";
import type { FollowedRun, Follower, FollowerReport } from "../follower.ts";
import type { StartRecord } from "../journal/journal-record.ts";
import { Lease } from "../journal/lease.ts";
import { readJournal } from "../journal/read-journal.ts";
import type { OnWarning } from "../warnings.ts";
import { MlflowConnection } from "./connection.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { deliverGroup } from "./deliver-group.ts";
import type { Delivery } from "./delivery.ts";
import { ensureRun } from "./ensure-run.ts";
import { MlflowError } from "./errors.ts";
import { FollowerNotes } from "./follower-notes.ts";
import { type FollowerState, readState, remoteFolder, writeState } from "./follower-state.ts";
import { type JournalGroup, journalGroups } from "./journal-groups.ts";
import { NameBook } from "./name-book.ts";
import { retryDelay } from "./retry-delay.ts";

/** New records are sent after this long, or sooner when as many bytes have come. */
const SEND_MILLISECONDS = 1_000;
const SEND_BYTES = 256 * 1024;
/** While the login or the settings are wrong: somebody may mend them in place. */
const PAUSE_MILLISECONDS = 120_000;
/** At the end, tries follow each other at least this often. */
const LAST_TRIES_MILLISECONDS = 1_000;
/** How long the end waits for a server that has never answered. */
const UNREACHABLE_MILLISECONDS = 2_000;
/** So often the same content may meet a status 500 before it counts as refused. */
const SERVER_FAULTS_AT_MOST = 5;

export interface MlflowFollowerOptions {
  readonly settings: ConnectionSettings;
  readonly run: FollowedRun;
  readonly onWarning: OnWarning;
  /** How long `finish` waits for the server to have everything. */
  readonly deadlineMilliseconds: number;
  readonly dispatcher?: Dispatcher | undefined;
  readonly random?: (() => number) | undefined;
}

/**
 * Feeds one MLflow server from one run's journal, in the background, in order, one request at a time. Before each request it notes on
 * disk what it is about to send, and after a doubtful answer it reads back what the server has: so nothing is lost or doubled,
 * whichever of the two dies when.
 */
export class MlflowFollower implements Follower {
  readonly #options: MlflowFollowerOptions;
  readonly #folder: string;
  readonly #statePath: string;
  readonly #metricNames: NameBook;
  readonly #paramNames: NameBook;
  readonly #notes: FollowerNotes;
  readonly #abort = new AbortController();
  readonly #loop: Promise<void>;
  #connection: MlflowConnection | undefined;
  #lease: Lease | undefined;
  #state: FollowerState;
  #start: StartRecord | undefined;
  #ensured = false;
  #failures = 0;
  #accepted = 0;
  #serverFaults = 0;
  #finishing = false;
  #finishingSince = 0;
  #stopped = false;
  #complete = false;
  #waiting: (() => void) | undefined;
  #sent = 0;

  constructor(options: MlflowFollowerOptions) {
    const { run, settings } = options;
    this.#options = options;
    // Every request under way listens to it.
    setMaxListeners(0, this.#abort.signal);
    this.#folder = remoteFolder(run.runDir, settings.base);
    this.#notes = new FollowerNotes({
      folder: this.#folder,
      run,
      base: settings.base,
      onWarning: options.onWarning,
    });
    this.#statePath = join(this.#folder, "state.json");
    const journal = relative(run.runDir, run.journalPath).replaceAll("\\", "/");
    this.#state = { version: 1, uri: settings.base, journal, offset: 0, doubtTo: 0 };
    this.#metricNames = new NameBook((name, clean) => this.#notes.renamed("metric", name, clean));
    this.#paramNames = new NameBook((name, clean) => this.#notes.renamed("param", name, clean));
    this.#loop = this.#work();
  }

  wake(size: number): void {
    if (this.#failures === 0 && size - this.#state.offset >= SEND_BYTES) this.#waiting?.();
  }

  async finish(): Promise<FollowerReport> {
    this.#finishing = true;
    this.#finishingSince = performance.now();
    this.#waiting?.();
    const unreachable = this.#failures > 0 && !this.#everAnswered;
    const most = this.#options.deadlineMilliseconds;
    await within(this.#loop, unreachable ? Math.min(most, UNREACHABLE_MILLISECONDS) : most);
    this.#stopped = true;
    this.#abort.abort();
    this.#waiting?.();
    await this.#loop;
    await this.#connection?.close();
    await this.#lease?.release();
    const pending = this.#complete ? 0 : await this.#pending();
    if (pending > 0) this.#notes.behind(pending);
    return { remote: this.#options.settings.base, sent: this.#sent, refused: this.#notes.refused, pending };
  }

  get #everAnswered(): boolean {
    return (this.#connection?.answered ?? 0) > 0;
  }

  /** Sends until the end is sent, or until it is told to stop. */
  async #work(): Promise<void> {
    let wait = 0;
    while (!this.#stopped) {
      await this.#pause(wait);
      const last = this.#finishing;
      try {
        if (!this.#stopped) await this.#drain();
        this.#failures = 0;
        wait = SEND_MILLISECONDS;
        if (last && !this.#stopped) this.#complete = true;
        if (last) return;
      } catch (fault) {
        wait = this.#afterFault(fault);
      }
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    if (milliseconds === 0 || this.#stopped || (this.#finishing && this.#failures === 0)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds).unref();
      this.#waiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#waiting = undefined;
  }

  async #drain(): Promise<void> {
    const { journalPath } = this.#options.run;
    const connection = await this.#prepare();
    const entries = readJournal(journalPath, { from: this.#state.offset });
    for await (const group of journalGroups(entries, this.#state.doubtTo)) {
      if (this.#stopped) return;
      await this.#deliver(group, connection);
    }
    await writeState(this.#statePath, this.#state);
  }

  async #deliver(group: JournalGroup, connection: MlflowConnection): Promise<void> {
    const state = this.#state;
    const suspect = group.start < state.doubtTo;
    if (!suspect) {
      state.doubtTo = group.end;
      await writeState(this.#statePath, state);
    }
    const answered = connection.answered;
    try {
      this.#sent += await deliverGroup(group, this.#deliveredRun(), this.#delivery(connection, suspect));
    } catch (fault) {
      const untouched = fault instanceof MlflowError && !fault.maybeDone && connection.answered === answered;
      if (!suspect && untouched) state.doubtTo = group.start;
      throw fault;
    }
    state.offset = group.end;
    this.#serverFaults = 0;
  }

  /** The lease, the state on disk, the connection and the run on the server; each only once. */
  async #prepare(): Promise<MlflowConnection> {
    await this.#takeLease();
    if (this.#start === undefined) this.#start = await this.#readStart();
    const { settings, dispatcher } = this.#options;
    this.#connection ??= await MlflowConnection.open({ settings, dispatcher, signal: this.#abort.signal });
    if (!this.#ensured) await this.#ensureRun(this.#connection, this.#start);
    this.#ensured = true;
    return this.#connection;
  }

  async #takeLease(): Promise<void> {
    if (this.#lease !== undefined) return;
    await mkdir(this.#folder, { recursive: true });
    const lease = await Lease.acquire(join(this.#folder, "lease"));
    if (!(lease instanceof Lease)) {
      const what = `process ${lease.pid} on ${lease.host} is sending this run already`;
      throw new TrackingError("TRACKING_RUN_BUSY", what, {
        where: this.#folder,
        fix: "nothing: it sends everything",
      });
    }
    this.#lease = lease;
    const state = await readState(this.#statePath);
    if (state?.journal === this.#state.journal) this.#state = state;
  }

  /** Reads what is sent already for the names in it: which of two alike came first decides what they are called. */
  async #readStart(): Promise<StartRecord> {
    const { journalPath } = this.#options.run;
    let first: StartRecord | undefined;
    for await (const { record, start } of readJournal(journalPath)) {
      if (record.type === "start") first ??= record;
      if (first !== undefined && start >= this.#state.offset) break;
      if (record.type === "metrics")
        for (const name of Object.keys(record.values)) this.#metricNames.nameOf(name);
      if (record.type === "params")
        for (const name of Object.keys(record.values)) this.#paramNames.nameOf(name);
    }
    if (first !== undefined) return first;
    const fix = "start a run in this folder first";
    throw new TrackingError("TRACKING_JOURNAL_MISSING", "the journal holds no run", {
      where: journalPath,
      fix,
    });
  }

  async #ensureRun(connection: MlflowConnection, start: StartRecord): Promise<void> {
    const state = this.#state;
    if (state.runId !== undefined && state.experimentId !== undefined) return;
    const run = await ensureRun(connection, start);
    state.experimentId = run.experimentId;
    state.runId = run.runId;
    state.artifactUri = run.artifactUri;
    // Found, but our own note of it is lost: any of it may have been sent.
    if (run.adopted) state.doubtTo = (await stat(this.#options.run.journalPath)).size;
    await writeState(this.#statePath, state);
  }

  #deliveredRun(): { start: StartRecord; experimentId: string } {
    if (this.#start === undefined || this.#state.experimentId === undefined)
      throw new TypeError("delivered before it was prepared");
    return { start: this.#start, experimentId: this.#state.experimentId };
  }

  #delivery(connection: MlflowConnection, suspect: boolean): Delivery {
    return {
      connection,
      runId: this.#state.runId ?? "",
      artifactUri: this.#state.artifactUri ?? "",
      runDir: this.#options.run.runDir,
      suspect,
      stubborn: this.#serverFaults >= SERVER_FAULTS_AT_MOST,
      nameOfMetric: (name) => this.#metricNames.nameOf(name),
      nameOfParam: (name) => this.#paramNames.nameOf(name),
      reject: (item, fault) => this.#notes.reject(item, fault),
      warn: (fault) => this.#notes.warnOnce(fault.message, fault),
    };
  }

  /** @returns milliseconds until the next try */
  #afterFault(fault: unknown): number {
    if (this.#stopped) return 0;
    // A line that breaks now and then is not a server that is down: whatever got through begins the waits anew.
    const accepted = this.#connection?.accepted ?? 0;
    this.#failures = accepted > this.#accepted ? 1 : this.#failures + 1;
    this.#accepted = accepted;
    const { kind, retryAfterMilliseconds, status } =
      fault instanceof MlflowError
        ? fault
        : { kind: kindOfLocalFault(fault), retryAfterMilliseconds: undefined, status: undefined };
    if (status === 500) this.#serverFaults += 1;
    this.#notes.fault(fault);
    const hopeless =
      !this.#everAnswered && performance.now() - this.#finishingSince > UNREACHABLE_MILLISECONDS;
    if (kind === "permanent" || (this.#finishing && (kind !== "transient" || hopeless))) this.#stopped = true;
    if (kind !== "transient") return PAUSE_MILLISECONDS;
    const delay = retryDelay(this.#failures, retryAfterMilliseconds, this.#options.random ?? Math.random);
    return this.#finishing
      ? Math.min(delay, Math.max(LAST_TRIES_MILLISECONDS, retryAfterMilliseconds ?? 0))
      : delay;
  }

  async #pending(): Promise<number> {
    let pending = 0;
    try {
      for await (const _ of readJournal(this.#options.run.journalPath, { from: this.#state.offset }))
        pending += 1;
    } catch {
      return pending;
    }
    return pending;
  }
}

/** A run that another process is sending is tried again, as is a disk that is full; a journal that is none never heals. */
function kindOfLocalFault(fault: unknown): "transient" | "paused" | "permanent" {
  if (!(fault instanceof TrackingError)) return "transient";
  return fault.code === "TRACKING_RUN_BUSY" ? "paused" : "permanent";
}

/** Waits for `work`, but no longer than this. The timer keeps the process alive meanwhile. */
async function within(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
