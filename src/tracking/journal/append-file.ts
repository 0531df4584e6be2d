import { closeSync, constants, fsync, openSync, writeSync } from "node:fs";

/** Texts above this many characters are written at once instead of waiting for the timer. */
const WRITE_AT = 64 * 1024;
/** While the disk refuses, this much is kept in memory; what comes after is counted and left out. */
const KEEP_AT_MOST = 64 * 1024 * 1024;

export interface AppendFileOptions {
  /**
   * Hand each text to the system before `append` returns, so that it outlives the process (about 3 µs); otherwise texts
   * wait in memory for `flush`, or until 64 kB wait.
   */
  readonly atOnce: boolean;
  readonly onFault: (fault: unknown) => void;
}

/**
 * A file that only grows. What a disk refuses is kept in memory and tried again at the next flush, in order, going on at the very byte
 * where it stopped.
 */
export class AppendFile {
  readonly path: string;
  readonly #fd: number;
  readonly #atOnce: boolean;
  readonly #onFault: (fault: unknown) => void;
  #texts: string[] = [];
  #waiting = 0;
  #rest: Buffer = Buffer.alloc(0);
  #size: number;
  #dropped = 0;

  /** @param size  the file's present length in bytes */
  constructor(path: string, size: number, options: AppendFileOptions) {
    this.path = path;
    this.#fd = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o644);
    this.#size = size;
    this.#atOnce = options.atOnce;
    this.#onFault = options.onFault;
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#size;
  }

  /** Texts that found no room in memory while the disk refused. */
  get dropped(): number {
    return this.#dropped;
  }

  append(text: string): void {
    if (this.#atOnce && this.#waiting === 0) {
      this.#writeText(text);
      return;
    }
    if (this.#waiting >= KEEP_AT_MOST) {
      this.#dropped += 1;
      return;
    }
    this.#texts.push(text);
    this.#waiting += text.length;
    if (this.#waiting >= WRITE_AT && this.#rest.length === 0) this.flush();
  }

  /** Writes what waits. Returns false where the disk refused; it is kept and tried again by the next call. */
  flush(): boolean {
    if (this.#waiting === 0) return true;
    const texts = Buffer.from(this.#texts.join(""), "utf8");
    this.#texts = [];
    this.#write(this.#rest.length === 0 ? texts : Buffer.concat([this.#rest, texts]));
    return this.#waiting === 0;
  }

  /** The hot path: the system takes the whole text at once, or what it left is kept. */
  #writeText(text: string): void {
    let written = 0;
    try {
      written = writeSync(this.#fd, text);
    } catch (fault) {
      this.#onFault(fault);
    }
    this.#size += written;
    if (written === Buffer.byteLength(text)) return;
    this.#rest = Buffer.from(text, "utf8").subarray(written);
    this.#waiting = this.#rest.length;
  }

  #write(bytes: Buffer): void {
    let rest = bytes;
    try {
      while (rest.length > 0) {
        const written = writeSync(this.#fd, rest);
        this.#size += written;
        rest = rest.subarray(written);
      }
    } catch (fault) {
      this.#onFault(fault);
    }
    this.#rest = rest;
    this.#waiting = rest.length;
  }

  /** Asks the disk to keep what was written, without blocking. */
  sync(): Promise<void> {
    return new Promise((resolve) => fsync(this.#fd, () => resolve()));
  }

  close(): void {
    this.flush();
    closeSync(this.#fd);
  }
}
