import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { float32Tensor, GraphBuilder, halfTensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";

const bitsOf = (value: number, dtype: "float16" | "bfloat16") =>
  Number(halfTensor(float32Tensor([1], [value]), dtype).data[0]);

describe("half precision", () => {
  // sign, 5 bits of exponent biased by 15, 10 of mantissa
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000], // a tie goes to the even neighbour
    [1.5 * 2 ** -24, 0x0002],
    [2 ** -14 - 2 ** -26, 0x0400], // rounds up out of the subnormal numbers
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2048.999, 0x6800],
  ])("%d has the bits of IEEE binary16", (value, expected) => {
    expect(bitsOf(value, "float16")).toBe(expected);
  });

  it.each([
    [1, 0x3f80],
    [-3, 0xc040],
    [1 + 2 ** -8, 0x3f80],
    [1 + 3 * 2 ** -8, 0x3f82],
    [Number.POSITIVE_INFINITY, 0x7f80],
  ])("%d has the bits of bfloat16", (value, expected) => {
    expect(bitsOf(value, "bfloat16")).toBe(expected);
  });

  it("is no number where the value is none", () => {
    expect(bitsOf(Number.NaN, "float16") & 0x7fff).toBeGreaterThan(0x7c00);
    expect(bitsOf(Number.NaN, "bfloat16") & 0x7fff).toBeGreaterThan(0x7f80);
  });

  it("rounds as ONNX Runtime does", async () => {
    const random = Random.fromSeed(2);
    const values = Float32Array.from({ length: 4000 }, () => random.normal() * 2 ** random.integer(-26, 17));
    const b = new GraphBuilder("cast");
    b.output(b.cast(b.input("x", "float32", [4000]), "float16"), "y");
    const { y } = await evaluate(b.build(), { x: float32Tensor([4000], values) });
    expect(halfTensor(float32Tensor([4000], values), "float16").data).toEqual(y?.data);
  });
});
