import { describe, expect, it } from "vitest";
import { closestNames, didYouMean } from "../../src/core/index.ts";

const groups = ["model", "data", "training", "tracker", "lora", "optimizer"];

describe("names near a slip of the hand", () => {
  it.each([
    { name: "modle", near: ["model"] },
    { name: "Model", near: ["model"] },
    { name: "optimiser", near: ["optimizer"] },
    { name: "trakcer", near: ["tracker"] },
    { name: "quantisation", near: [] },
  ])("$name: $near", ({ name, near }) => {
    expect(closestNames(name, groups)).toEqual(near);
  });

  it("allow one slip in a short word, of which two changed places are one", () => {
    expect(closestNames("nmae", ["name", "mode"])).toEqual(["name"]);
    expect(closestNames("nope", ["mode", "note1"])).toEqual([]);
    expect(closestNames("xy", ["lr", "x1"])).toEqual(["x1"]);
  });

  it("come nearest first, equal ones by the alphabet, each once, and only so many", () => {
    const candidates = ["abcx", "abcd", "abxy", "abcz", "abcy", "abcd"];
    expect(closestNames("abcd", candidates)).toEqual(["abcd", "abcx", "abcy"]);
    expect(closestNames("abcd", candidates, 1)).toEqual(["abcd"]);
  });

  it("make a question, or none", () => {
    expect(didYouMean("modle", groups)).toBe("did you mean 'model'?");
    expect(didYouMean("lara", ["lora", "lira"])).toBe("did you mean 'lira' or 'lora'?");
    expect(didYouMean("quantisation", groups)).toBeUndefined();
  });
});
