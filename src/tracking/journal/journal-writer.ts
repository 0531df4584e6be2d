import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { TrackingError } from "../errors.ts";
import { AppendFile } from "./append-file.ts";
import { atExit } from "./at-exit.ts";
import { encodeLine } from "./journal-line.ts";
import { JOURNAL_VERSION, type JournalRecord } from "./journal-record.ts";
import { Lease } from "./lease.ts";
import { pathExists } from "./path-exists.ts";
import { repairJournal } from "./repair-journal.ts";

/** Whoever follows the file learns of what was appended after this long. */
const FLUSH_MILLISECONDS = 20;

/** When the disk is asked to keep what was written: `always` after each write, `interval` once a second, `never` leaves it to the system. */
export type FsyncPolicy = "always" | "interval" | "never";
const FSYNC_MILLISECONDS = 1_000;

export interface JournalWriterOptions {
  readonly fsync: FsyncPolicy;
  /** The disk refuses to take what was appended. */
  readonly onFault: (fault: unknown) => void;
}

/**
 * The one writer of a journal. What `append` was given stands in the file when it returns, so that a killed process loses nothing of it;
 * only what a full disk refused waits in memory. A timer tells the followers and asks the disk to keep it.
 */
export class JournalWriter {
  readonly path: string;
  /** Bytes that a torn end lost when the journal was opened. */
  readonly repaired: number;
  readonly #file: AppendFile;
  readonly #lease: Lease;
  readonly #fsync: FsyncPolicy;
  readonly #forgetExit: () => void;
  readonly #listeners: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #syncedAt = 0;
  #closed = false;

  private constructor(file: AppendFile, lease: Lease, repaired: number, fsync: FsyncPolicy) {
    this.path = file.path;
    this.#file = file;
    this.#lease = lease;
    this.repaired = repaired;
    this.#fsync = fsync;
    this.#forgetExit = atExit(() => this.flush());
  }

  /**
   * Opens a journal for writing, makes it when it is not there, and repairs its end.
   *
   * @throws {TrackingError} TRACKING_RUN_BUSY when another live process writes it
   */
  static async open(path: string, options: JournalWriterOptions): Promise<JournalWriter> {
    await mkdir(dirname(path), { recursive: true });
    const lease = await Lease.acquire(`${path}.lease`);
    if (!(lease instanceof Lease)) {
      throw new TrackingError(
        "TRACKING_RUN_BUSY",
        `process ${lease.pid} on ${lease.host} is writing this run`,
        {
          where: path,
          fix: "wait until it ends, or give this run a folder of its own",
        },
      );
    }
    try {
      const { size, dropped } = (await pathExists(path))
        ? await repairJournal(path)
        : { size: 0, dropped: 0 };
      const writer = new JournalWriter(
        new AppendFile(path, size, { atOnce: true, onFault: options.onFault }),
        lease,
        dropped,
        options.fsync,
      );
      const time = Date.now();
      if (size === 0) writer.append({ type: "journal", version: JOURNAL_VERSION, time });
      if (dropped > 0) writer.append({ type: "repair", time, dropped_bytes: dropped });
      return writer;
    } catch (fault) {
      await lease.release();
      throw fault;
    }
  }

  /** Bytes in the file: the followers' horizon. */
  get size(): number {
    return this.#file.size;
  }

  /** Records that were left out because the disk was full for too long. */
  get dropped(): number {
    return this.#file.dropped;
  }

  /** Calls `listener` after each write to the file. */
  onGrowth(listener: () => void): void {
    this.#listeners.push(listener);
  }

  append(record: JournalRecord): void {
    if (this.#closed) return;
    this.#file.append(encodeLine(record));
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MILLISECONDS).unref();
  }

  /** Writes what was appended. Returns false where the disk refused. */
  flush(): boolean {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#closed) return true;
    const done = this.#file.flush();
    if (!done) this.#timer = setTimeout(() => this.flush(), 1_000).unref();
    this.#syncWhenDue();
    for (const listener of this.#listeners) listener();
    return done;
  }

  /** Writes, asks the disk to keep it, and gives the lease back. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.flush();
    if (this.#fsync !== "never") await this.#file.sync();
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#forgetExit();
    this.#file.close();
    await this.#lease.release();
  }

  #syncWhenDue(): void {
    const wait = { always: 0, interval: FSYNC_MILLISECONDS, never: Number.POSITIVE_INFINITY }[this.#fsync];
    if (Date.now() - this.#syncedAt < wait) return;
    this.#syncedAt = Date.now();
    void this.#file.sync();
  }
}
