import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { OnnxError } from "../../src/onnx/errors.ts";
import { arrayTypeOf, type DType, float32Tensor, type Tensor } from "../../src/onnx/graph.ts";
import { encodeSafetensors, readSafetensors, writeSafetensors } from "../../src/onnx/safetensors.ts";
import { elementCount } from "../../src/onnx/shapes.ts";

const shared = process.env["TTM_SHARED"] ?? fileURLToPath(new URL("../../../shared", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ttm-safetensors-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Written by the reference implementation, safetensors 0.8.0; see `data/make-fixtures.py`. */
const mixedPath = fileURLToPath(new URL("data/mixed.safetensors", import.meta.url));

const mixed: readonly (readonly [string, Tensor])[] = [
  ["a", float32Tensor([], [3.5])],
  ["b", float32Tensor([2, 3], [0, 1, 2, 3, 4, 5])],
  ["none", float32Tensor([0, 4], [])],
  ["10", { dtype: "int64", shape: [2], data: BigInt64Array.of(1n, 2n) }],
  ["é", { dtype: "float64", shape: [1], data: Float64Array.of(1.5) }],
  ["i", { dtype: "int32", shape: [1], data: Int32Array.of(-1) }],
  ["half", { dtype: "float16", shape: [2], data: Uint16Array.of(0x3c00, 0x4000) }],
  ["byte", { dtype: "uint8", shape: [1], data: Uint8Array.of(7) }],
  ["flag", { dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) }],
];

/** A file from its header and a number of zero bytes of data. */
function file(header: unknown, dataBytes: number): Uint8Array {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.byteLength + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.byteLength), true);
  bytes.set(text, 8);
  return bytes;
}

const f32 = (shape: readonly number[], start: number, end: number) => ({
  dtype: "F32",
  shape,
  data_offsets: [start, end],
});

function fault(action: () => unknown): OnnxError {
  try {
    action();
  } catch (error) {
    if (error instanceof OnnxError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("readSafetensors", () => {
  it("reads what the reference implementation writes", () => {
    const { tensors, metadata } = readSafetensors(mixedPath);
    expect(metadata).toEqual({ format: "pt" });
    expect(new Map(tensors)).toEqual(new Map(mixed));
  });

  it("gives views on the bytes, not copies", () => {
    const bytes = new Uint8Array(readFileSync(mixedPath));
    const { tensors } = readSafetensors(bytes);
    for (const [name, { data }] of tensors) expect(data.buffer, name).toBe(bytes.buffer);
  });

  it("copies tensors that lie unaligned", () => {
    const bytes = file({ flag: { dtype: "BOOL", shape: [1], data_offsets: [0, 1] }, x: f32([1], 1, 5) }, 5);
    bytes.set(new Uint8Array(Float32Array.of(2.5).buffer), bytes.byteLength - 4);
    expect(readSafetensors(bytes).tensors.get("x")).toEqual(float32Tensor([1], [2.5]));
  });

  it("reads bfloat16 as its bits", () => {
    const bytes = file({ x: { dtype: "BF16", shape: [1], data_offsets: [0, 2] } }, 2);
    bytes.set([0x80, 0x3f], bytes.byteLength - 2);
    expect(readSafetensors(bytes).tensors.get("x")?.data).toEqual(Uint16Array.of(0x3f80));
  });

  it.each([
    ["too few bytes", new Uint8Array(7), undefined],
    ["a header longer than the file", file("{}", 0).subarray(0, 9), undefined],
    ["a header of 2^60 bytes", Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 16), undefined],
    ["a header that is no JSON", file("{x", 0), undefined],
    ["a header that is a list", file([], 0), undefined],
    ["a header that starts with a space", file(" {}", 0), undefined],
    ["a header that is no UTF-8", Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0x7d), undefined],
    ["metadata that are no strings", file({ __metadata__: { n: 1 } }, 0), undefined],
    ["a description that is no object", file({ x: 1 }, 0), "x"],
    ["an unknown element type", file({ x: { dtype: "F8_E4M3", shape: [1], data_offsets: [0, 1] } }, 1), "x"],
    ["a negative size", file({ x: f32([-1], 0, 4) }, 4), "x"],
    ["a fractional size", file({ x: f32([0.5], 0, 2) }, 2), "x"],
    ["three offsets", file({ x: { dtype: "F32", shape: [], data_offsets: [0, 4, 4] } }, 4), "x"],
    ["a range unlike the shape", file({ x: f32([2], 0, 4) }, 4), "x"],
    ["a range that ends before it starts", file({ x: f32([1], 4, 0) }, 4), "x"],
    ["a gap", file({ x: f32([1], 0, 4), y: f32([1], 8, 12) }, 12), "y"],
    ["an overlap", file({ x: f32([2], 0, 8), y: f32([1], 4, 8) }, 8), "y"],
    ["data before the first tensor", file({ x: f32([1], 4, 8) }, 8), "x"],
    ["bytes after the last tensor", file({ x: f32([1], 0, 4) }, 5), undefined],
    ["data cut short", file({ x: f32([2], 0, 8) }, 7), undefined],
  ])("refuses %s", (_, bytes, tensor) => {
    const error = fault(() => readSafetensors(bytes, "w.safetensors"));
    expect(error.code).toBe("SAFETENSORS_BAD_FILE");
    expect(error.where?.text).toBe(tensor ? `w.safetensors, tensor '${tensor}'` : "w.safetensors");
    expect(error.fix).toBeTruthy();
  });

  it.each([join(folder, "absent.safetensors"), folder])("says what cannot be read: %s", (path) => {
    const error = fault(() => readSafetensors(path));
    expect(error.code).toBe("SAFETENSORS_NOT_FOUND");
    expect(error.where?.text).toBe(path);
  });
});

describe("encodeSafetensors", () => {
  it("writes the reference implementation's bytes, whatever the order of the map", () => {
    const expected = new Uint8Array(readFileSync(mixedPath));
    expect(encodeSafetensors(new Map(mixed), { format: "pt" })).toEqual(expected);
    expect(encodeSafetensors(new Map(mixed.toReversed()), { format: "pt" })).toEqual(expected);
  });

  it("starts the data at a multiple of 8 bytes", () => {
    const bytes = encodeSafetensors(new Map([["x", float32Tensor([1], [1])]]));
    expect((bytes.byteLength - 4) % 8).toBe(0);
  });

  it("is undone by readSafetensors", () => {
    fc.assert(
      fc.property(namedTensors(), metadata(), (tensors, text) => {
        const read = readSafetensors(encodeSafetensors(tensors, text));
        expect(new Map(read.tensors)).toEqual(tensors);
        expect(read.metadata).toEqual(text);
      }),
    );
  });
});

describe("writeSafetensors", () => {
  it("writes a file that reads back, and leaves nothing else", async () => {
    const path = join(folder, "adapter_model.safetensors");
    writeFileSync(path, "old");
    await writeSafetensors(path, new Map(mixed), { format: "pt" });
    expect(readFileSync(path).equals(readFileSync(mixedPath))).toBe(true);
    expect(readdirSync(folder)).toEqual(["adapter_model.safetensors"]);
  });
});

describe.skipIf(!existsSync(join(shared, "models")))(
  "real weights (skipped without ../shared/models)",
  () => {
    it.each([
      ["ttm-r2-512-96/model.safetensors", 134, 805_280],
      ["chronos-test/dummy-chronos2-lora/adapter_model.safetensors", undefined, undefined],
      ["chronos-test/dummy-chronos-bolt-model/model.safetensors", undefined, undefined],
      ["chronos-test/dummy-chronos-model/model.safetensors", undefined, undefined],
      ["chronos-test/dummy-chronos2-model/model.safetensors", undefined, undefined],
    ])("reads %s and writes the same bytes", (name, count, elements) => {
      const bytes = new Uint8Array(readFileSync(join(shared, "models", name)));
      const { tensors, metadata } = readSafetensors(join(shared, "models", name));
      expect(Buffer.compare(encodeSafetensors(tensors, metadata), bytes)).toBe(0);
      if (count === undefined) return;
      expect(tensors.size).toBe(count);
      expect([...tensors.values()].reduce((sum, { data }) => sum + data.length, 0)).toBe(elements);
    });
  },
);

const dtypes: readonly DType[] = [
  "float32",
  "float64",
  "float16",
  "bfloat16",
  "int64",
  "int32",
  "uint8",
  "bool",
];

function metadata() {
  return fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true, maxKeys: 3 });
}

function namedTensors(): fc.Arbitrary<Map<string, Tensor>> {
  const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
  const tensor = fc.tuple(fc.constantFrom(...dtypes), shape).chain(([dtype, sizes]) => {
    const ArrayType = arrayTypeOf(dtype);
    const length = elementCount(sizes) * ArrayType.BYTES_PER_ELEMENT;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes) => ({ dtype, shape: sizes, data: new ArrayType(Uint8Array.from(bytes).buffer) }));
  });
  const name = fc.string({ unit: "grapheme" }).filter((text) => text !== "__metadata__");
  return fc
    .uniqueArray(fc.tuple(name, tensor), { selector: ([text]) => text, maxLength: 6 })
    .map((list) => new Map(list));
}
