import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  engineOrigin,
  type Key,
  loadYaml,
  nodeFromValue,
  nodeValue,
  type PlainValue,
  toPlain,
  toYaml,
} from "../../src/config/index.ts";

const plain: fc.Arbitrary<PlainValue> = fc.letrec<{ value: PlainValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.bigInt(),
    fc.double({ noNaN: true }),
    fc.string({ unit: "binary" }).filter((text) => !text.includes("${") && !/[\ud800-\udfff]/u.test(text)),
    fc.constantFrom(
      "yes",
      "010",
      "1:30",
      "1e5",
      "null",
      "~",
      "a: b",
      "- a",
      "x #y",
      " lead",
      "trail ",
      "two\nlines",
      "'q'",
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.string({ maxLength: 5 }), tie("value")), { maxLength: 4 })
      .map((pairs) => new Map<Key, PlainValue>(pairs)),
  ),
})).value;

describe("toYaml and loadYaml", () => {
  it("give back what they were given", () => {
    fc.assert(
      fc.property(plain, (value) => {
        const text = toYaml(nodeFromValue(new Map([["k", value]]), engineOrigin("test")));
        expect(nodeValue(loadYaml(text, "test"))).toEqual(new Map([["k", value]]));
      }),
    );
  });

  it.each([
    ["010", 8n],
    ["0o7", "0o7"],
    ["1:30", 90n],
    ["01:30", "01:30"],
    ["1_000", 1000n],
    ["0x1F", 31n],
    ["0b101", 5n],
    ["1e-4", 0.0001],
    ["-.5", "-.5"],
    [".inf", Number.POSITIVE_INFINITY],
    ["yes", true],
    ["y", "y"],
    ["2024-01-01", "2024-01-01"],
    ["123456789012345678901234567890", 123456789012345678901234567890n],
    ["~", null],
  ])("read %s as YAML 1.1", (text, value) => {
    expect(loadYaml(`a: ${text}`, "test")).toMatchObject({ kind: "map" });
    expect(nodeValue(loadYaml(`a: ${text}`, "test"))).toEqual(new Map([["a", value]]));
  });

  it("keep integer-like keys apart and in order", () => {
    const node = loadYaml("2: b\n1: a\n'1': c\n", "test");
    expect([...(nodeValue(node) as Map<Key, PlainValue>)]).toEqual([
      [2n, "b"],
      [1n, "a"],
      ["1", "c"],
    ]);
  });

  it("survive a key named __proto__", () => {
    const data = toPlain(loadYaml("__proto__: {x: 1}\n", "test"));
    expect(Object.keys(data as object)).toEqual(["__proto__"]);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it("merge what an anchor of the same map holds, before the map's own keys", () => {
    const node = loadYaml("a: &n {k: 1}\n<<: *n\nb: 2\n", "test");
    expect(toYaml(node)).toBe("k: 1\na:\n  k: 1\nb: 2\n");
  });
});
