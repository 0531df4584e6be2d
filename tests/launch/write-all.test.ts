import { describe, expect, it } from "vitest";
import { writeAll } from "../../src/launch/write-all.ts";

describe("writeAll", () => {
  it("goes on where the system took less than it was given", () => {
    const taken: string[] = [];
    const write = (_descriptor: number, bytes: Buffer, from: number) => {
      const part = bytes.subarray(from, from + 4);
      taken.push(part.toString());
      return part.length;
    };
    writeAll(0, Buffer.from("one whole line\n"), write);
    expect(taken).toEqual(["one ", "whol", "e li", "ne\n"]);
  });
});
