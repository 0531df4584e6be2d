import { closeSync, constants, fsync, openSync, writeSync } from "node:fs";

/** Texts above this many characters are written at once instead of waiting for the timer. */
const WRITE_AT = 64 * 1024;
/** While the disk refuses, this much is kept in memory; what comes after is counted and left out. */
const KEEP_AT_MOST = 64 * 1024 * 1024;

/**
 * A file that only grows. `append` puts the text into memory; `flush` writes it in one call, in order. A disk that is full is tried
 * again at the next flush, going on at the very byte where it stopped.
 */
export class AppendFile {
  readonly path: string;
  readonly #fd: number;
  readonly #onFault: (fault: unknown) => void;
  #texts: string[] = [];
  #waiting = 0;
  #rest: Buffer = Buffer.alloc(0);
  #size: number;
  #dropped = 0;

  /** @param size  the file's present length in bytes */
  constructor(path: string, size: number, onFault: (fault: unknown) => void) {
    this.path = path;
    this.#fd = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o644);
    this.#size = size;
    this.#onFault = onFault;
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
    let block = this.#rest.length === 0 ? texts : Buffer.concat([this.#rest, texts]);
    try {
      while (block.length > 0) {
        const written = writeSync(this.#fd, block);
        this.#size += written;
        block = block.subarray(written);
      }
    } catch (fault) {
      this.#onFault(fault);
    }
    this.#rest = block;
    this.#waiting = block.length;
    return block.length === 0;
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
