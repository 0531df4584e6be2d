import { describe, expect, it } from "vitest";
import { relativeBucket } from "../../../src/models/chronos/relative-position.ts";

const encoder = { bidirectional: true, buckets: 32, maxDistance: 128 };
const decoder = { bidirectional: false, buckets: 32, maxDistance: 128 };

describe("T5's buckets", () => {
  // 8 + trunc(8·ln(n/8)/ln 16): n = 8, 16, 32, 64 are exact powers of two away, so the quotients are exact
  it.each([
    [0, 0],
    [-1, 1],
    [-7, 7],
    [-8, 8],
    [-11, 8],
    [-12, 9],
    [-16, 10],
    [-32, 12],
    [-64, 14],
    [-127, 15],
    [-128, 15],
    [-2000, 15],
    [1, 17],
    [7, 23],
    [8, 24],
    [64, 30],
    [500, 31],
  ])("puts the offset %i of the encoder into %i", (offset, bucket) => {
    expect(relativeBucket(offset, encoder)).toBe(bucket);
  });

  // 16 + trunc(16·ln(n/16)/ln 8); later keys share bucket 0
  it.each([
    [3, 0],
    [0, 0],
    [-15, 15],
    [-16, 16],
    [-32, 21],
    [-128, 31],
    [-300, 31],
  ])("puts the offset %i of the decoder into %i", (offset, bucket) => {
    expect(relativeBucket(offset, decoder)).toBe(bucket);
  });
});
