import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import writeFileAtomic from "write-file-atomic";
import { OnnxError } from "./errors.ts";
import type { DType, Tensor } from "./graph.ts";
import { elementCount } from "./shapes.ts";
import { bytesOf, dataFromBytes, elementBytes } from "./tensor-bytes.ts";

/** Named tensors and the free text of a `.safetensors` file. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** The header starts with its own length, a little-endian u64. */
const LENGTH_BYTES = 8;

/** The reference implementation's bound: a header of 100 MB describes about a million tensors; more is a broken length. */
const MAX_HEADER_BYTES = 100_000_000;

/** The data starts at a multiple of this, so that 8-byte elements can be viewed in place. */
const ALIGNMENT_BYTES = 8;

/** `readSync` takes at most 2^31 − 1 bytes in one call. */
const READ_CHUNK_BYTES = 2 ** 30;

/**
 * File names of the element types, in the order in which the reference implementation writes them: widest last in
 * this table, first in the file.
 */
const codes = [
  ["BOOL", "bool"],
  ["U8", "uint8"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["I32", "int32"],
  ["F32", "float32"],
  ["F64", "float64"],
  ["I64", "int64"],
] as const satisfies readonly (readonly [code: string, dtype: DType])[];

const dtypeOfCode = new Map<unknown, DType>(codes);
const codeOfDType = new Map<DType, string>(codes.map(([code, dtype]) => [dtype, code]));
const rankOfDType = new Map<DType, number>(codes.map(([, dtype], rank) => [dtype, rank]));

/**
 * Reads a `.safetensors` file, or its bytes. Tensors are views on the bytes where they lie aligned.
 *
 * @param source  a path, or the bytes
 * @param label   what messages call the bytes
 * @throws {OnnxError} SAFETENSORS_NOT_FOUND; SAFETENSORS_BAD_FILE for a broken header, an element type that graphs
 *   here do not have, a range that does not fit its shape, gaps and overlaps: names the file, the tensor and the fault
 * @see https://github.com/huggingface/safetensors, `safetensors/src/tensor.rs`, `Metadata::validate`
 */
export function readSafetensors(source: string | Uint8Array, label = "safetensors bytes"): Safetensors {
  const file = typeof source === "string" ? source : label;
  const bytes = typeof source === "string" ? readBytes(source) : source;
  const { header, dataStart } = splitHeader(bytes, file);
  const { __metadata__: metadata = {}, ...described } = header;
  const entries = Object.entries(described).map(([name, value]) => readEntry(name, value, file));
  requireContiguous(entries, bytes.byteLength - dataStart, file);
  const tensors = entries.map(({ name, dtype, shape, start, end }) => {
    const data = dataFromBytes(dtype, bytes.subarray(dataStart + start, dataStart + end));
    return [name, { dtype, shape, data }] as const;
  });
  return { tensors: new Map(tensors), metadata: readMetadata(metadata, file) };
}

/** Writes tensors to a file, by way of a temporary name. Bytes as in {@link encodeSafetensors}. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { buffer, byteOffset, byteLength } = encodeSafetensors(tensors, metadata);
  await writeFileAtomic(path, Buffer.from(buffer, byteOffset, byteLength));
}

/**
 * The bytes of a `.safetensors` file, equal to what the reference implementation writes: tensors sorted by name
 * within an element type, wider types first (so that every tensor is aligned); header padded with spaces to 8 bytes.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].sort(inFileOrder);
  const header = Buffer.from(headerText(sorted, metadata));
  const dataStart = LENGTH_BYTES + Math.ceil(header.byteLength / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const dataBytes = sorted.reduce((sum, [, tensor]) => sum + tensor.data.byteLength, 0);
  const bytes = new Uint8Array(dataStart + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - LENGTH_BYTES), true);
  bytes.fill(0x20, LENGTH_BYTES, dataStart);
  bytes.set(header, LENGTH_BYTES);
  let offset = dataStart;
  for (const [, tensor] of sorted) {
    bytes.set(bytesOf(tensor), offset);
    offset += tensor.data.byteLength;
  }
  return bytes;
}

type NamedTensor = readonly [name: string, tensor: Tensor];

function inFileOrder([a, x]: NamedTensor, [b, y]: NamedTensor): number {
  const rank = (rankOfDType.get(y.dtype) ?? 0) - (rankOfDType.get(x.dtype) ?? 0);
  return rank === 0 ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : rank;
}

/** Written by hand, for an object would put names like `10` first. */
function headerText(sorted: readonly NamedTensor[], metadata: Readonly<Record<string, string>>): string {
  let offset = 0;
  const members = sorted.map(([name, { dtype, shape, data }]) => {
    const start = offset;
    offset += data.byteLength;
    const value = { dtype: codeOfDType.get(dtype), shape, data_offsets: [start, offset] };
    return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  });
  if (Object.keys(metadata).length > 0) members.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  return `{${members.join(",")}}`;
}

function readBytes(path: string): Uint8Array {
  const descriptor = openToRead(path);
  try {
    const bytes = new Uint8Array(fstatSync(descriptor).size);
    for (let at = 0; at < bytes.byteLength; ) {
      const length = Math.min(READ_CHUNK_BYTES, bytes.byteLength - at);
      const count = readSync(descriptor, bytes, at, length, at);
      if (count === 0) throw bad(path, `ends after ${at} of ${bytes.byteLength} bytes`);
      at += count;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

function openToRead(path: string): number {
  try {
    const descriptor = openSync(path, "r");
    if (fstatSync(descriptor).isFile()) return descriptor;
    closeSync(descriptor);
  } catch (cause) {
    throw new OnnxError("SAFETENSORS_NOT_FOUND", `cannot read ${path}`, {
      where: path,
      fix: "check the path; it should name a .safetensors file",
      cause,
    });
  }
  throw new OnnxError("SAFETENSORS_NOT_FOUND", `${path} is not a file`, {
    where: path,
    fix: "name the .safetensors file itself",
  });
}

function splitHeader(bytes: Uint8Array, file: string) {
  if (bytes.byteLength < LENGTH_BYTES) throw bad(file, `${bytes.byteLength} bytes are too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw bad(file, `the header claims ${length} bytes; at most ${MAX_HEADER_BYTES} are read`);
  }
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > bytes.byteLength) {
    throw bad(file, `the header claims ${length} bytes, the file has ${bytes.byteLength - LENGTH_BYTES}`);
  }
  return { header: parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), file), dataStart };
}

function parseHeader(bytes: Uint8Array, file: string): Readonly<Record<string, unknown>> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const header: unknown = text.startsWith("{") ? JSON.parse(text) : undefined;
    if (isRecord(header)) return header;
  } catch (cause) {
    throw bad(file, "the header is not valid JSON", undefined, cause);
  }
  throw bad(file, "the header is not a JSON object");
}

function readEntry(name: string, value: unknown, file: string): Entry {
  if (!isRecord(value)) throw bad(file, "its description is not an object", name);
  const { dtype: code, shape, data_offsets: offsets } = value;
  const dtype = dtypeOfCode.get(code);
  if (dtype === undefined) {
    throw new OnnxError("SAFETENSORS_BAD_FILE", `element type ${JSON.stringify(code)} is not supported`, {
      where: `${file}, tensor '${name}'`,
      fix: `convert it to one of ${codes.map(([known]) => known).join(", ")}`,
    });
  }
  if (!isSizes(shape)) throw bad(file, `shape ${JSON.stringify(shape)} is no list of sizes`, name);
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw bad(file, `data_offsets ${JSON.stringify(offsets)} are no pair [start, end]`, name);
  }
  const [start = 0, end = 0] = offsets;
  const needed = elementCount(shape) * elementBytes(dtype);
  if (end - start !== needed) {
    throw bad(
      file,
      `${code}[${shape.join(", ")}] needs ${needed} bytes, data_offsets [${start}, ${end}] give ${end - start}`,
      name,
    );
  }
  return { name, dtype, shape, start, end };
}

/** Every byte of the data belongs to exactly one tensor. */
function requireContiguous(entries: readonly Entry[], dataBytes: number, file: string): void {
  let at = 0;
  for (const { name, start, end } of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start > at) throw bad(file, `starts at byte ${start}, leaving a gap from ${at}`, name);
    if (start < at)
      throw bad(file, `starts at byte ${start}, inside of the tensor before it (to ${at})`, name);
    at = end;
  }
  if (at !== dataBytes)
    throw bad(file, `the tensors take ${at} bytes, the file has ${dataBytes} after its header`);
}

function readMetadata(metadata: unknown, file: string): Readonly<Record<string, string>> {
  if (isRecord(metadata) && Object.values(metadata).every((text) => typeof text === "string")) {
    return metadata as Readonly<Record<string, string>>;
  }
  throw bad(file, "__metadata__ must map names to strings");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function bad(file: string, what: string, tensor?: string, cause?: unknown): OnnxError {
  return new OnnxError("SAFETENSORS_BAD_FILE", what, {
    where: tensor === undefined ? file : `${file}, tensor '${tensor}'`,
    fix: "fetch or write the file again; it is damaged, cut short or no .safetensors file",
    cause,
  });
}
