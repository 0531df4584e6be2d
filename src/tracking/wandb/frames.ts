import { crc32 } from "node:zlib";

/** First bytes of every `.wandb` file: the name, a magic number and the version of the framing. */
export const FILE_HEADER = Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00]);

/** Records are cut so that no piece reaches across a border of blocks, counted from the start of the file. */
export const BLOCK_BYTES = 32_768;
/** Checksum (4), length (2), kind (1). */
export const PIECE_HEADER_BYTES = 7;

/** Which part of its record a piece is. */
export const PIECE = { full: 1, first: 2, middle: 3, last: 4 } as const;

/**
 * A record as it stands in a `.wandb` file: LevelDB's log framing with a plain CRC-32 over kind and content.
 *
 * @param offset  where in the file it will stand
 */
export function frameRecord(record: Uint8Array, offset: number): Buffer {
  const parts: Buffer[] = [];
  let at = offset;
  let rest = record;
  for (let begun = false; !begun || rest.length > 0; begun = true) {
    const room = BLOCK_BYTES - (at % BLOCK_BYTES);
    const skipped = room < PIECE_HEADER_BYTES ? room : 0;
    const free = (skipped === 0 ? room : BLOCK_BYTES) - PIECE_HEADER_BYTES;
    const content = rest.subarray(0, free);
    rest = rest.subarray(content.length);
    const kind = rest.length === 0 ? (begun ? PIECE.last : PIECE.full) : begun ? PIECE.middle : PIECE.first;
    const part = Buffer.alloc(skipped + PIECE_HEADER_BYTES + content.length);
    part.set(content, skipped + PIECE_HEADER_BYTES);
    part[skipped + 6] = kind;
    part.writeUInt16LE(content.length, skipped + 4);
    part.writeUInt32LE(crc32(part.subarray(skipped + 6)), skipped);
    parts.push(part);
    at += part.length;
  }
  return Buffer.concat(parts);
}
