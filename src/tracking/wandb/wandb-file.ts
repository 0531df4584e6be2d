import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { FILE_HEADER, frameRecord } from "./frames.ts";
import { RecordSchema } from "./generated/wandb_pb.js";
import type { RecordContent } from "./wandb-records.ts";

/** How far a `.wandb` file has come: everything before `size` is whole, and `num` was the last record's number. */
export interface WandbFileState {
  readonly size: number;
  readonly num: number;
}

/** A `.wandb` file that is written, from where a state says: what stands behind that is cut off and will be written again. */
export class WandbFile {
  readonly #file: FileHandle;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #size: number;
  #num: number;

  private constructor(file: FileHandle, state: WandbFileState) {
    this.#file = file;
    this.#size = state.size;
    this.#num = state.num;
  }

  static async open(path: string, state: WandbFileState): Promise<WandbFile> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, state.size === 0 ? "w" : "r+");
    await file.truncate(state.size);
    const opened = new WandbFile(file, state);
    if (state.size === 0) opened.#push(FILE_HEADER);
    return opened;
  }

  /** The state behind what was written so far; holds on disk after `flush`. */
  get state(): WandbFileState {
    return { size: this.#size, num: this.#num };
  }

  /** Bytes that wait for `flush`. */
  get waiting(): number {
    return this.#waitingBytes;
  }

  write(recordType: RecordContent): void {
    this.#num += 1;
    const record = create(RecordSchema, { num: BigInt(this.#num), recordType });
    this.#push(frameRecord(toBinary(RecordSchema, record), this.#size));
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (bytes.length > 0) await this.#file.write(bytes, 0, bytes.length, this.#size - bytes.length);
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#file.close();
  }

  #push(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#size += bytes.length;
  }
}
