import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Element, PlainValue, Scalar } from "../../src/config/index.ts";
import {
  elementText,
  elementValue,
  loadYaml,
  type Node,
  nodeFromValue,
  nodeValue,
  parseOverride,
  toYaml,
} from "../../src/config/index.ts";
import { composeFiles } from "./conf-tree.ts";

/** Maps as pairs, so that NaN, kinds of keys and order are compared too. */
function comparable(value: PlainValue): unknown {
  if (value instanceof Map) return { pairs: [...value].map(([key, item]) => [key, comparable(item)]) };
  return Array.isArray(value) ? value.map(comparable) : value;
}

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.stringMatching(/^[-+0-9._:eExo]{1,8}$/),
  fc.constantFrom(
    "yes",
    "null",
    "~",
    "1:30",
    "0x1F",
    "1e3",
    ".inf",
    "<<",
    "=",
    "- a",
    "a: b",
    "a #b",
    "'",
    '"',
    "???",
  ),
);
const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
  fc.double(),
  text.filter((value) => !value.includes("${")),
);
const key = fc.oneof(
  text.filter((value) => !value.includes("${")),
  fc.bigInt({ min: -1000n, max: 1000n }).filter((value) => value !== 0n && value !== 1n),
);
const { value } = fc.letrec<{ value: PlainValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(key, tie("value")), {
        maxLength: 4,
        selector: ([name]) => `${typeof name} ${name}`,
      })
      .map((pairs): PlainValue => new Map(pairs)),
  ),
}));

/** What an override can hold: keys of its dicts are printed without quotes, so that they are plain words. */
const { wordValue } = fc.letrec<{ wordValue: PlainValue }>((tie) => ({
  wordValue: fc.oneof(
    { depthSize: "small" },
    fc.oneof(scalar, fc.string({ unit: "binary", maxLength: 12 })),
    fc.array(tie("wordValue"), { maxLength: 4 }),
    fc
      .dictionary(fc.stringMatching(/^[a-z_é日][a-z0-9_ :,é日#]{0,4}x$/), tie("wordValue"), { maxKeys: 4 })
      .map((entries): PlainValue => new Map(Object.entries(entries))),
  ),
}));

describe("a config", () => {
  it("is the same when it is printed and loaded again", () => {
    const config = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), value, { maxKeys: 4 });
    fc.assert(
      fc.property(config, (entries) => {
        const node = nodeFromValue(new Map(Object.entries(entries)), { kind: "engine", what: "test" });
        const yaml = toYaml(node);
        const again = loadYaml(yaml, "<test>");
        expect(comparable(nodeValue(again))).toEqual(comparable(nodeValue(node)));
        expect(toYaml(again)).toBe(yaml);
      }),
      { numRuns: 1000 },
    );
  });

  it("composes to the same from the same files and words", () => {
    const files = {
      "config.yaml": "defaults: [db: a, _self_]\nx: 1\nl: [1]\nd: {}\n",
      "db/a.yaml": "p: 1\n",
      "db/b.yaml": "p: 2\nq: !append [1]\n",
    };
    const word = fc.oneof(
      fc.constantFrom("db=b", "x=2", "l=append(2)", "~x", "+y.z=1", "d={}", "++l=[3]", "db.p=5", "+e=${x}"),
      fc
        .tuple(fc.constantFrom("x", "+k", "++d.k"), wordValue)
        .map(([name, item]) => `${name}=${elementText(elementOf(item))}`),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), (words) => {
        const [first, second] = [outcome(files, words), outcome(files, words)];
        expect(second).toEqual(first);
      }),
      { numRuns: 100 },
    );
  });
});

describe("an override", () => {
  it("is the same when its value is printed and parsed again", () => {
    fc.assert(
      fc.property(wordValue, fc.constantFrom("", "+", "++"), (item, prefix) => {
        const printed = `${prefix}a.b=${elementText(elementOf(item))}`;
        const parsed = parseOverride(printed, 0);
        if (parsed.value === null) throw new Error("no value");
        expect(comparable(elementValue(parsed.value))).toEqual(comparable(item));
        expect(`${prefix}a.b=${elementText(parsed.value)}`).toBe(printed);
      }),
      { numRuns: 1000 },
    );
  });

  it("takes any printable text unquoted that has no sign of the grammar in it", () => {
    const printable = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
      .filter((word) => !/[\p{Cc}\p{Cs}()[\]{}:=,'"\\$\s]/u.test(word))
      .filter((word) => !/^[+-]?(?:[0-9._]+(?:e[+-]?[0-9_]+)?|inf|nan)$|^(?:true|false|null)$/i.test(word));
    fc.assert(
      fc.property(printable, (word) => {
        expect(parseOverride(`a=${word}`, 0).value).toMatchObject({ kind: "scalar", value: word });
      }),
      { numRuns: 1000 },
    );
  });
});

/** The value with its texts in quotes, so that any text can be printed. */
function elementOf(item: PlainValue): Element {
  const span = { start: 0, end: 0 };
  if (Array.isArray(item)) return { kind: "list", items: item.map(elementOf), span };
  if (item instanceof Map) {
    const entries = [...(item as ReadonlyMap<Scalar, PlainValue>)].map(([name, inner]) => ({
      key: name,
      value: elementOf(inner),
    }));
    return { kind: "dict", entries, span };
  }
  if (typeof item === "string") return { kind: "quoted", value: item, quote: "'", span };
  return { kind: "scalar", value: item as Scalar, text: "", span };
}

function outcome(files: Readonly<Record<string, string>>, words: readonly string[]): unknown {
  try {
    const { all, config, warnings } = composeFiles(files, words, { now: new Date(0), cwd: "/somewhere" });
    return { yaml: toYaml(config), keys: keysOf(all), warnings: warnings.length };
  } catch (error) {
    return { code: (error as { code?: string }).code };
  }
}

function keysOf(node: Node): unknown {
  return node.kind === "map" ? [...node.entries].map(([name, inner]) => [name, keysOf(inner)]) : node.kind;
}
