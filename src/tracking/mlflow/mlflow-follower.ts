import { setMaxListeners } from "node:events";
import { mkdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Dispatcher } from "undici";
import { TrackingError } from "../errors.ts";
import type { FollowedRun, Follower, FollowerReport } from "../follower.ts";
import type { StartRecord } from "../journal/journal-record.ts";
import { Lease } from "../journal/lease.ts";
import { type JournalEntry, readJournal } from "../journal/read-journal.ts";
import { type AfterFault, Lane, within } from "../lane.ts";
import type { OnWarning } from "../warnings.ts";
import { MlflowConnection } from "./connection.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { deliverArtifact, deliverModel, type FileDelivery } from "./deliver-files.ts";
import { deliverGroup } from "./deliver-group.ts";
import type { Delivery } from "./delivery.ts";
import { ensureRun } from "./ensure-run.ts";
import { MlflowError } from "./errors.ts";
import { FaultPolicy } from "./fault-policy.ts";
import { FollowerNotes } from "./follower-notes.ts";
import { type FollowerState, NOTHING_SENT, readState, remoteFolder, writeState } from "./follower-state.ts";
import { asMetrics, isFileRecord, type JournalGroup, journalGroups } from "./journal-groups.ts";
import { NameBook } from "./name-book.ts";

/** New records are sent after this long, or sooner when as many bytes have come. */
const SEND_MILLISECONDS = 1_000;
const SEND_BYTES = 256 * 1024;
/** How long the end waits for a server that has never answered. */
const UNREACHABLE_MILLISECONDS = 2_000;

export interface MlflowFollowerOptions {
  readonly settings: ConnectionSettings;
  readonly run: FollowedRun;
  readonly onWarning: OnWarning;
  /** How long `finish` waits for the server to have everything. */
  readonly deadlineMilliseconds: number;
  readonly dispatcher?: Dispatcher | undefined;
  readonly random?: (() => number) | undefined;
}

/** A lane with what decides its waits. */
interface Work {
  readonly lane: Lane;
  readonly policy: FaultPolicy;
}

/**
 * Feeds one MLflow server from one run's journal, in the background: everything but files in order, one request at a time, and files in a
 * lane of their own, so that a large one holds no metric up. Before each request that cannot be repeated it notes on disk what it is about
 * to send, and after a doubtful answer it reads back what the server has: so nothing is lost or doubled, whichever of the two dies when.
 */
export class MlflowFollower implements Follower {
  readonly #options: MlflowFollowerOptions;
  readonly #folder: string;
  readonly #statePath: string;
  readonly #metricNames: NameBook;
  readonly #paramNames: NameBook;
  readonly #notes: FollowerNotes;
  readonly #abort = new AbortController();
  readonly #records: Work;
  readonly #files: Work;
  readonly #lacks = { parts: false, loggedModels: false };
  #prepared: Promise<MlflowConnection> | undefined;
  #connection: MlflowConnection | undefined;
  #lease: Lease | undefined;
  #state: FollowerState;
  #start: StartRecord | undefined;
  #finishingSince: number | undefined;
  /** Points before the state's offset, and those delivered by this process. */
  #before = 0;
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
    this.#state = {
      version: 1,
      uri: settings.base,
      journal,
      offset: 0,
      doubtTo: 0,
      fileOffset: 0,
      progress: NOTHING_SENT,
    };
    this.#metricNames = new NameBook((name, clean) => this.#notes.renamed("metric", name, clean));
    this.#paramNames = new NameBook((name, clean) => this.#notes.renamed("param", name, clean));
    this.#records = this.#begin((policy) => this.#drainRecords(policy));
    this.#files = this.#begin((policy) => this.#drainFiles(policy));
  }

  wake(size: number): void {
    if (size - this.#state.offset >= SEND_BYTES) this.#records.lane.wake();
  }

  async finish(): Promise<FollowerReport> {
    const lanes = [this.#records.lane, this.#files.lane];
    this.#finishingSince = performance.now();
    for (const lane of lanes) lane.finish();
    const unreachable = this.#records.lane.failures > 0 && !this.#everAnswered;
    const most = this.#options.deadlineMilliseconds;
    const all = Promise.all(lanes.map((lane) => lane.done()));
    await within(all, unreachable ? Math.min(most, UNREACHABLE_MILLISECONDS) : most);
    for (const lane of lanes) lane.stop();
    this.#abort.abort();
    await all;
    await this.#connection?.close();
    await this.#lease?.release();
    return this.#report();
  }

  async #report(): Promise<FollowerReport> {
    const { run, settings } = this.#options;
    const { pending, points } = await this.#pending();
    if (pending > 0) this.#notes.behind(pending);
    const { experimentId, runId } = this.#state;
    const page = `${settings.base}/#/experiments/${experimentId}/runs/${runId}`;
    return {
      remote: settings.base,
      recorded: this.#before + this.#sent + points,
      sent: this.#sent,
      refused: this.#notes.refused,
      pending,
      command: pending > 0 ? `ttm sync ${run.runDir}` : page,
    };
  }

  #begin(drain: (policy: FaultPolicy) => Promise<void>): Work {
    const policy = new FaultPolicy(this.#options.random ?? Math.random);
    const lane = new Lane({
      drain: () => drain(policy),
      afterFault: (fault) => this.#afterFault(fault, policy),
      everyMilliseconds: SEND_MILLISECONDS,
    });
    return { lane, policy };
  }

  get #everAnswered(): boolean {
    return (this.#connection?.answered ?? 0) > 0;
  }

  async #drainRecords(policy: FaultPolicy): Promise<void> {
    const connection = await this.#prepare();
    const entries = readJournal(this.#options.run.journalPath, { from: this.#state.offset });
    for await (const group of journalGroups(entries, this.#state.doubtTo)) {
      if (this.#records.lane.stopped) return;
      await this.#deliver(group, connection, policy);
    }
    await writeState(this.#statePath, this.#state);
  }

  async #deliver(group: JournalGroup, connection: MlflowConnection, policy: FaultPolicy): Promise<void> {
    const state = this.#state;
    const suspect = group.start < state.doubtTo;
    if (!suspect && group.metrics.length > 0) {
      state.doubtTo = group.end;
      await writeState(this.#statePath, state);
    }
    const answered = connection.answered;
    try {
      await deliverGroup(group, this.#deliveredRun(), this.#delivery(connection, suspect, policy));
    } catch (fault) {
      const untouched = fault instanceof MlflowError && !fault.maybeDone && connection.answered === answered;
      if (!suspect && untouched) state.doubtTo = group.start;
      throw fault;
    }
    this.#sent += group.points;
    state.offset = group.end;
    policy.delivered();
  }

  async #drainFiles(policy: FaultPolicy): Promise<void> {
    const connection = await this.#prepare();
    const state = this.#state;
    const before = state.fileOffset;
    for await (const entry of readJournal(this.#options.run.journalPath, { from: before })) {
      if (this.#files.lane.stopped) return;
      await this.#deliverFiles(entry, connection, policy);
      state.fileOffset = entry.end;
      state.progress = NOTHING_SENT;
    }
    if (state.fileOffset !== before) await writeState(this.#statePath, state);
  }

  async #deliverFiles(
    { record, start }: JournalEntry,
    connection: MlflowConnection,
    policy: FaultPolicy,
  ): Promise<void> {
    if (!isFileRecord(record)) return;
    const run = this.#deliveredRun();
    const delivery: FileDelivery = {
      ...this.#delivery(connection, false, policy),
      experimentId: run.experimentId,
      clientId: `${run.start.run_id}/${start}`,
      lacks: this.#lacks,
      progress: this.#state.progress,
      keepProgress: async (progress) => {
        this.#state.progress = progress;
        await writeState(this.#statePath, this.#state);
      },
    };
    await (record.type === "artifact" ? deliverArtifact(record, delivery) : deliverModel(record, delivery));
    policy.delivered();
  }

  /** The lease, the state on disk, the connection and the run on the server; each only once, whichever lane comes first. */
  async #prepare(): Promise<MlflowConnection> {
    this.#prepared ??= this.#open().catch((fault) => {
      this.#prepared = undefined;
      throw fault;
    });
    return this.#prepared;
  }

  async #open(): Promise<MlflowConnection> {
    await this.#takeLease();
    if (this.#start === undefined) this.#start = await this.#readStart();
    const { settings, dispatcher } = this.#options;
    this.#connection ??= await MlflowConnection.open({ settings, dispatcher, signal: this.#abort.signal });
    await this.#ensureRun(this.#connection, this.#start);
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
    this.#before = 0;
    let first: StartRecord | undefined;
    for await (const { record, start } of readJournal(journalPath)) {
      if (record.type === "start") first ??= record;
      if (first !== undefined && start >= this.#state.offset) break;
      const metrics = asMetrics(record);
      if (record.type === "metrics") this.#before += Object.keys(record.values).length;
      for (const name of Object.keys(metrics?.values ?? {})) this.#metricNames.nameOf(name);
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

  #delivery(connection: MlflowConnection, suspect: boolean, policy: FaultPolicy): Delivery {
    return {
      connection,
      runId: this.#state.runId ?? "",
      artifactUri: this.#state.artifactUri ?? "",
      runDir: this.#options.run.runDir,
      suspect,
      stubborn: policy.stubborn,
      nameOfMetric: (name) => this.#metricNames.nameOf(name),
      nameOfParam: (name) => this.#paramNames.nameOf(name),
      reject: (item, fault) => this.#notes.reject(item, fault),
      warn: (fault) => this.#notes.warnOnce(fault.message, fault),
    };
  }

  #afterFault(fault: unknown, policy: FaultPolicy): AfterFault {
    this.#notes.fault(fault);
    const since = this.#finishingSince;
    const finishing = since !== undefined;
    const hopeless = finishing && !this.#everAnswered && performance.now() - since > UNREACHABLE_MILLISECONDS;
    return policy.after(fault, { accepted: this.#connection?.accepted ?? 0, finishing, hopeless });
  }

  /** Records that the server lacks, and the metric points in them; a record that both lanes wait for counts once. */
  async #pending(): Promise<{ pending: number; points: number }> {
    const { offset, fileOffset } = this.#state;
    let pending = 0;
    let points = 0;
    if (this.#records.lane.complete && this.#files.lane.complete) return { pending, points };
    try {
      const from = Math.min(offset, fileOffset);
      for await (const { record, start } of readJournal(this.#options.run.journalPath, { from })) {
        if (start >= (isFileRecord(record) ? fileOffset : offset)) pending += 1;
        if (record.type === "metrics" && start >= offset) points += Object.keys(record.values).length;
      }
    } catch {
      return { pending, points };
    }
    return { pending, points };
  }
}
