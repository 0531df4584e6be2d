import { describe, expect, it } from "vitest";
import { ConfigError, loadYaml, toPlain } from "../../src/config/index.ts";

/** Texts as PyYAML 6 with OmegaConf's loader reads them. */
const readings: readonly [yaml: string, value: unknown][] = [
  ['m:\n  d: "long text\n  goes on"\n', { m: { d: "long text goes on" } }],
  ['m:\n  d: "long text\n goes on"\n', { m: { d: "long text goes on" } }],
  ['m:\n  cmd: "a \\\n  b"\n', { m: { cmd: "a b" } }],
  ["x: {a: 1,\nb: 2}\n", { x: { a: 1, b: 2 } }],
  ['m: [\n"a",\n"b"\n]\n', { m: ["a", "b"] }],
  ["defaults: [\n_self_,\n]\n", { defaults: ["_self_"] }],
  ['m:\n  - a: "x\ny"\n    b: 1\n', { m: [{ a: "x y", b: 1 }] }],
  ["m:\n  d: [\na: 1,\n  b\n]\n  e: 2\n", { m: { d: [{ a: 1 }, "b"], e: 2 } }],
  ['a: {\nb: "x\ny",\n c: [\n1,\n2]}\nd: 1\n', { a: { b: "x y", c: [1, 2] }, d: 1 }],
  ["a: 'x\n\n\ny'\nb: 2\n", { a: "x\n\ny", b: 2 }],
  ["a: [b\nc, d\ne]\n", { a: ["b c", "d e"] }],
  ["a: [#x\nb, #y\n#z\nc]\n", { a: ["b", "c"] }],
  ['- |\n  "x\n  [y\n- [\n1]\n', ['"x\n[y\n', [1]]],
  ["a: it's \"q\nb: [\n1]\n", { a: "it's \"q", b: [1] }],
  ['a: "x \\"\nb: y"\n', { a: 'x " b: y' }],
  ['a: " \\\n\n    #b"\n', { a: " \n#b" }],
  ["=: 1\n", { "=": 1 }],
  ["[-]\n", ["-"]],
  ["a: [-,-,b, {k: -}]\n", { a: ["-", "-", "b", { k: "-" }] }],
  ["a: 1\rb: 2\r", { a: 1, b: 2 }],
];

function read(yaml: string): unknown {
  return toPlain(loadYaml(yaml, "config.yaml"));
}

describe("lines of one value", () => {
  it.each(readings)("at any column: %j", (yaml, value) => {
    expect(read(yaml)).toEqual(value);
  });

  it.each(["m: [a,\n- b]\n", 'm:\n  d: "a\n---\nb"\n', "a: |# c\n  x\n", "m:\n  d: plain\n  goes\n"])(
    "that PyYAML refuses too: %j",
    (yaml) => {
      expect(() => read(yaml)).toThrow(expect.objectContaining({ code: "CONFIG_YAML_SYNTAX" }));
    },
  );

  it("keep the places they are written at", () => {
    const place = (yaml: string) => {
      try {
        loadYaml(yaml, "config.yaml");
      } catch (error) {
        return error instanceof ConfigError ? error.where?.text : undefined;
      }
      return undefined;
    };
    expect(place("m: [\n1,\n  !x 2\n]\n")).toEqual("config.yaml:3:6");
    expect(place('a: "x\nb: 1\nc: "y"\n')).toMatch(/^config\.yaml:1:/);
  });
});
