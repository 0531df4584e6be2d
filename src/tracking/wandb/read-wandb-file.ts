import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import { WandbError } from "./errors.ts";
import { BLOCK_BYTES, FILE_HEADER, PIECE, PIECE_HEADER_BYTES } from "./frames.ts";
import { RecordSchema, type Record as WandbRecord } from "./generated/wandb_pb.js";

export interface WandbEntry {
  readonly record: WandbRecord;
  /** Where the record's first piece stands, and where its last one ends. */
  readonly start: number;
  readonly end: number;
}

export interface ReadWandbFileOptions {
  /** Called for each record or piece that is damaged; reading goes on at the next block. */
  readonly onDamage?: (offset: number, reason: string) => void;
}

/**
 * Reads the records of a `.wandb` file in order, as far as whole ones go.
 *
 * @throws {WandbError} WANDB_FILE where the file is none
 */
export async function* readWandbFile(
  path: string,
  options: ReadWandbFileOptions = {},
): AsyncGenerator<WandbEntry> {
  let pieces: Buffer[] = [];
  let start = 0;
  for await (const piece of readPieces(path, options)) {
    const begins = piece.kind === PIECE.full || piece.kind === PIECE.first;
    if (begins) pieces = [];
    if (begins) start = piece.start;
    else if (pieces.length === 0) {
      options.onDamage?.(piece.start, "what this continues is lost");
      continue;
    }
    pieces.push(piece.content);
    if (piece.kind === PIECE.first || piece.kind === PIECE.middle) continue;
    const record = decode(Buffer.concat(pieces));
    pieces = [];
    if (record === undefined) options.onDamage?.(start, "not a record");
    else yield { record, start, end: piece.end };
  }
}

interface Piece {
  readonly kind: number;
  readonly content: Buffer;
  readonly start: number;
  readonly end: number;
}

async function* readPieces(path: string, options: ReadWandbFileOptions): AsyncGenerator<Piece> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(FILE_HEADER.length);
    await file.read(head, 0, head.length, 0);
    if (!head.equals(FILE_HEADER)) {
      const fix = "name a run-….wandb file of an offline run";
      throw new WandbError("WANDB_FILE", "this is no .wandb file", { where: path, fix });
    }
    for (let block = 0; block < size; block += BLOCK_BYTES) {
      const bytes = Buffer.alloc(Math.min(BLOCK_BYTES, size - block));
      await file.read(bytes, 0, bytes.length, block);
      yield* piecesOfBlock(bytes, block, options);
    }
  } finally {
    await file.close();
  }
}

function* piecesOfBlock(bytes: Buffer, block: number, options: ReadWandbFileOptions): Generator<Piece> {
  let at = block === 0 ? FILE_HEADER.length : 0;
  while (bytes.length - at >= PIECE_HEADER_BYTES) {
    const length = bytes.readUInt16LE(at + 4);
    const end = at + PIECE_HEADER_BYTES + length;
    const kind = bytes[at + 6] ?? 0;
    if (end > bytes.length) return options.onDamage?.(block + at, "cut off");
    if (crc32(bytes.subarray(at + 6, end)) !== bytes.readUInt32LE(at))
      return options.onDamage?.(block + at, "checksum is wrong");
    const content = bytes.subarray(at + PIECE_HEADER_BYTES, end);
    yield { kind, content, start: block + at, end: block + end };
    at = end;
  }
}

function decode(bytes: Buffer): WandbRecord | undefined {
  try {
    return fromBinary(RecordSchema, bytes);
  } catch {
    return undefined;
  }
}
