import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { float32Of, readSafetensors, type Tensor } from "../onnx/index.ts";

/** A file of weights, read. The tensors are shared by all who read the file, and nobody changes them. */
export interface WeightsFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256: string;
}

interface Kept extends WeightsFile {
  /** Path, size and time of change: another one is another file. */
  readonly identity: string;
}

let last: Kept | undefined;

/**
 * Reads a safetensors file, half precision widened to float32. The file that was read last is kept, so that a process which runs
 * the jobs of a sweep reads and parses a checkpoint once.
 *
 * @throws {OnnxError} SAFETENSORS_BAD_FILE
 */
export function readWeights(file: string): WeightsFile {
  const { size, mtimeMs, ino } = statSync(file);
  const identity = `${file} ${size} ${mtimeMs} ${ino}`;
  if (last?.identity === identity) return last;
  // Before the next one is read, so that two never stand in memory.
  last = undefined;
  const bytes = readFileSync(file);
  const stored = readSafetensors(bytes, file).tensors;
  const tensors = new Map([...stored].map(([name, tensor]) => [name, float32Of(tensor)]));
  last = { identity, tensors, sha256: createHash("sha256").update(bytes).digest("hex") };
  return last;
}
