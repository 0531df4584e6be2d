import { describe, expect, it } from "vitest";
import { loadYaml, nodeFromValue, nodeValue, toYaml } from "../../src/config/index.ts";

const load = (text: string) => nodeValue(loadYaml(`a: ${text}\n`, "<test>"));

/** What PyYAML 6 reads. */
describe("line breaks that YAML 1.1 knows and YAML 1.2 does not", () => {
  it.each([
    ["'x \u2028  y'", "x\u2028y"],
    ['"x \u2028  y"', "x\u2028y"],
    ["'x\u2028\u2028 y'", "x\u2028\u2028y"],
    ["'x\u0085 y'", "x y"],
    ['"x\\Ly"', "x\u2028y"],
    ["'a\n\n  \u2028  b'", "a\n\u2028b"],
    ["'a\n  \u2028  b'", "a\u2028b"],
    ["'a\u2028\n  b'", "a\u2028\nb"],
    ["'it''s \u2029 so'", "it's\u2029so"],
  ])("%j is folded as there", (text, expected) => {
    expect(load(text)).toEqual(new Map([["a", expected]]));
  });

  it("stand in lists of one line, too", () => {
    expect(load("['x\u2028 y', 1]")).toEqual(new Map([["a", ["x\u2028y", 1n]]]));
  });

  it.each(["\u2028", "a\u2029b", "\u0085", "a\u0085b", " \u2028 ", "\n\u2028", "\u2028\n"])(
    "%j comes back as it was",
    (text) => {
      const node = nodeFromValue(new Map([["a", text]]), { kind: "engine", what: "test" });
      expect(nodeValue(loadYaml(toYaml(node), "<test>"))).toEqual(new Map([["a", text]]));
    },
  );
});
