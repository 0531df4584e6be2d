import { mkdir, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { TtmError } from "../../core/index.ts";
import { TrackingError } from "../errors.ts";
import type { FollowedRun, Follower, FollowerReport } from "../follower.ts";
import { countFrom } from "../journal/count-points.ts";
import { Lease } from "../journal/lease.ts";
import { type JournalEntry, readJournal } from "../journal/read-journal.ts";
import { type AfterFault, Lane, within } from "../lane.ts";
import { asTtmError, type OnWarning, warnSafely } from "../warnings.ts";
import { WandbError } from "./errors.ts";
import { WandbFile } from "./wandb-file.ts";
import { offlineFolder, type WandbSettings } from "./wandb-settings.ts";
import { readWandbState, type WandbState, wandbStateFolder, writeWandbState } from "./wandb-state.ts";
import { type WandbSink, WandbTranslator } from "./wandb-translator.ts";

const WRITE_MILLISECONDS = 1_000;
const WRITE_BYTES = 256 * 1024;
const RETRY_MILLISECONDS = 2_000;

export interface WandbFollowerOptions {
  readonly settings: WandbSettings;
  readonly run: FollowedRun;
  readonly onWarning: OnWarning;
  /** How long `finish` waits. */
  readonly deadlineMilliseconds: number;
}

/**
 * Writes a run's journal as `.wandb` files, in the background. Its state says how far both have come; what a process that died left behind
 * that is written again from the journal, byte by byte the same.
 */
export class WandbFollower implements Follower {
  readonly #options: WandbFollowerOptions;
  readonly #lane: Lane;
  #translator: WandbTranslator;
  readonly #warned = new Set<string>();
  #lease: Lease | undefined;
  #file: WandbFile | undefined;
  #state: WandbState;
  /** How far the journal has been read; the state stays behind it while a row is open. */
  #read = 0;
  #replaying = true;
  #points = 0;
  /** Points that stood in the file before this process. */
  #before: number | undefined;
  #saved = -1;

  constructor(options: WandbFollowerOptions) {
    const { run, settings } = options;
    this.#options = options;
    const journal = relative(run.runDir, run.journalPath).replaceAll("\\", "/");
    this.#state = { version: 1, journal, offset: 0, size: 0, num: 0, folder: null, file: null, settings };
    this.#translator = this.#newTranslator();
    this.#lane = new Lane({
      drain: () => this.#drain(),
      afterFault: (fault) => this.#afterFault(fault),
      everyMilliseconds: WRITE_MILLISECONDS,
    });
  }

  wake(size: number): void {
    if (size - this.#read >= WRITE_BYTES) this.#lane.wake();
  }

  async finish(): Promise<FollowerReport> {
    this.#lane.finish();
    await within(this.#lane.done(), this.#options.deadlineMilliseconds);
    this.#lane.stop();
    await this.#lane.done();
    await this.#file?.close().catch(() => undefined);
    await this.#lease?.release();
    return this.#report();
  }

  async #report(): Promise<FollowerReport> {
    const { run } = this.#options;
    const left = this.#lane.complete
      ? { records: 0, points: 0 }
      : await countFrom(run.journalPath, this.#state.offset);
    const folder = this.#state.folder ?? join(run.runDir, "wandb");
    const command = left.records > 0 ? `ttm sync ${run.runDir}` : `wandb sync ${folder}`;
    if (left.records > 0) {
      const what = `the .wandb file lacks the last ${left.records} records of this run; they are kept in the journal`;
      this.#warn(
        "behind",
        new TrackingError("TRACKING_REMOTE_BEHIND", what, { where: folder, fix: command }),
      );
    }
    const recorded = this.#points + left.points;
    const sent = Math.max(0, this.#points - (this.#before ?? this.#points));
    return { remote: folder, recorded, sent, refused: 0, pending: left.records, command };
  }

  async #drain(): Promise<void> {
    await this.#prepare();
    for await (const entry of readJournal(this.#options.run.journalPath, { from: this.#read })) {
      if (this.#lane.stopped) return;
      await this.#take(entry);
      if (this.#file !== undefined && this.#file.waiting >= WRITE_BYTES) await this.#save();
    }
    await this.#save();
  }

  async #take({ record, start, end }: JournalEntry): Promise<void> {
    this.#read = end;
    await this.#translator.translate(record);
    if (record.type === "metrics") this.#points += Object.keys(record.values).length;
    const { rest } = this.#translator;
    if (this.#replaying || rest === "neither" || this.#file === undefined) return;
    this.#state = { ...this.#state, ...this.#file.state, offset: rest === "behind" ? end : start };
  }

  /** The file first, then the note of it: a file that is further than its note is cut back when it is opened again. */
  async #save(): Promise<void> {
    await this.#file?.flush();
    if (this.#saved === this.#state.offset) return;
    await writeWandbState(this.#options.run.runDir, this.#state);
    this.#saved = this.#state.offset;
  }

  /** The lease, the state on disk, and the reading of what is written already; only once. */
  async #prepare(): Promise<void> {
    if (!this.#replaying) return;
    const { runDir, journalPath } = this.#options.run;
    await this.#takeLease();
    const state = await readWandbState(runDir);
    if (state?.journal === this.#state.journal) {
      for await (const entry of readJournal(journalPath)) {
        if (entry.start >= state.offset) break;
        await this.#take(entry);
      }
      this.#translator.settle();
      this.#state = state;
      if (state.file !== null) this.#file = await WandbFile.open(state.file, state);
    }
    this.#read = this.#state.offset;
    this.#before ??= this.#points;
    this.#replaying = false;
  }

  async #takeLease(): Promise<void> {
    if (this.#lease !== undefined) return;
    const folder = wandbStateFolder(this.#options.run.runDir);
    await mkdir(folder, { recursive: true });
    const lease = await Lease.acquire(join(folder, "lease"));
    if (lease instanceof Lease) {
      this.#lease = lease;
      return;
    }
    const what = `process ${lease.pid} on ${lease.host} is writing this run's .wandb file already`;
    throw new TrackingError("TRACKING_RUN_BUSY", what, {
      where: folder,
      fix: "nothing: it writes everything",
    });
  }

  /** After a fault nobody knows what of the last records is in the file: it is cut back to what the state on disk says. */
  #startOver(): void {
    this.#file?.close().catch(() => undefined);
    this.#file = undefined;
    this.#translator = this.#newTranslator();
    this.#replaying = true;
    this.#points = 0;
    this.#saved = -1;
  }

  #newTranslator(): WandbTranslator {
    const { settings, run } = this.#options;
    return new WandbTranslator({ settings, runDir: run.runDir, sink: this.#sink() });
  }

  #sink(): WandbSink {
    const follower = this;
    return {
      get filesDir() {
        const { folder } = follower.#state;
        return follower.#replaying || folder === null ? undefined : join(folder, "files");
      },
      begin: (runId, time) => follower.#begin(runId, time),
      write: (content) => follower.#replaying || follower.#file?.write(content),
      stepBack: (step, written) => follower.#stepBack(step, written),
    };
  }

  async #begin(runId: string, time: number): Promise<void> {
    if (this.#replaying) return;
    await this.#file?.close();
    const { settings, run } = this.#options;
    const folder = offlineFolder(settings.dir ?? run.runDir, runId, time);
    const file = join(folder, `run-${runId.replaceAll(/[/\\]/g, "-")}.wandb`);
    this.#file = await WandbFile.open(file, { size: 0, num: 0 });
    await mkdir(join(folder, "files"), { recursive: true });
    await pointTo(folder);
    this.#state = { ...this.#state, folder, file };
  }

  #stepBack(step: number, written: number): void {
    if (this.#replaying) return;
    const what = `W&B takes no step that goes back: step ${step} came after ${written}. Its row stands at ${written}, with its own step as ttm/step`;
    const fix = "log the metrics of a step before those of the next one";
    this.#warn("step", new WandbError("WANDB_STEP_BACK", what, { fix }));
  }

  #afterFault(fault: unknown): AfterFault {
    const error = asTtmError(fault, "TRACKING_DISK", "the .wandb file cannot be written");
    const what = `${error.message}; training goes on, everything is kept in the journal`;
    const { where, fix } = error;
    this.#warn(error.code, new TtmError(error.code, what, { where, fix, cause: error }));
    this.#startOver();
    const busy = error instanceof TrackingError && error.code === "TRACKING_RUN_BUSY";
    return busy ? "stop" : { retryIn: RETRY_MILLISECONDS };
  }

  #warn(key: string, warning: TtmError): void {
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    warnSafely(this.#options.onWarning, warning);
  }
}

/** `wandb/latest-run`, where the file system has links. */
async function pointTo(folder: string): Promise<void> {
  const link = join(dirname(folder), "latest-run");
  try {
    await rm(link, { force: true });
    await symlink(basename(folder), link);
  } catch {
    // Nothing depends on it.
  }
}
