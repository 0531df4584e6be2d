import { writeSync } from "node:fs";

/** One call of the system; it may take less than it is given, as on a disk that is nearly full. */
type Write = (descriptor: number, bytes: Buffer, from: number) => number;

/**
 * Writes all of the bytes: half a line would be glued to the next one.
 *
 * @throws what the file system answers, such as ENOSPC
 */
export function writeAll(descriptor: number, bytes: Buffer, write: Write = writeSync): void {
  for (let from = 0; from < bytes.length; ) from += write(descriptor, bytes, from);
}
