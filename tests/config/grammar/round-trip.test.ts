import fc from "fast-check";
import { expect, it } from "vitest";
import type { Element } from "../../../src/config/grammar/index.ts";
import {
  elementText,
  elementValue,
  type PlainValue,
  parseOverride,
  type Scalar,
} from "../../../src/config/grammar/index.ts";

const span = { start: 0, end: 0 };

/** Text that an unquoted value can hold, and that no typed token matches whole. */
const bareText = fc
  .stringMatching(/^[A-Za-z0-9_/+.$%*@?|\\()[\]{}:=, \t-]{0,12}$/)
  .filter((text) => !/^[+-]?([0-9._]+(e[+-]?[0-9_]+)?|inf|nan)$|^(true|false|null)$/i.test(text))
  .filter((text) => text !== "");

const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
  fc.double(),
  bareText,
);

const leaf: fc.Arbitrary<Element> = fc.oneof(
  scalar.map((value): Element => ({ kind: "scalar", value, text: "", span })),
  fc
    .tuple(fc.string({ unit: "grapheme", maxLength: 12 }), fc.constantFrom<("'" | '"')[]>("'", '"'))
    .map(([value, quote]): Element => ({ kind: "quoted", value, quote, span })),
  fc.stringMatching(/^['"\\a]{0,8}$/).map((value): Element => ({ kind: "quoted", value, quote: "'", span })),
);

const { element } = fc.letrec<{ element: Element }>((tie) => ({
  element: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("element"), { maxLength: 4 }).map((items): Element => ({ kind: "list", items, span })),
    fc
      .uniqueArray(fc.record({ key: scalar, value: tie("element") }), {
        maxLength: 4,
        selector: ({ key }) => (typeof key === "string" ? `text ${key}` : String(Number(key))),
      })
      .map((entries): Element => ({ kind: "dict", entries, span })),
  ),
}));

/** Maps as pairs, so that NaN and the order of keys are compared too. */
function comparable(value: PlainValue): unknown {
  if (value instanceof Map) return { pairs: [...value].map(([key, item]) => [key, comparable(item)]) };
  return Array.isArray(value) ? value.map(comparable) : value;
}

it("reads every element back from its text form, and prints it the same again", () => {
  fc.assert(
    fc.property(element, (original) => {
      const text = elementText(original);
      const parsed = parseOverride(`a=${text}`, 0).value;
      if (parsed === null) throw new Error("no value");
      expect(comparable(elementValue(parsed))).toEqual(comparable(elementValue(original)));
      expect(elementText(parsed)).toBe(text);
    }),
    { numRuns: 2000 },
  );
});

it("throws nothing but override errors, whatever the word", () => {
  const piece = fc.constantFrom(..."=,()[]{}:'\"\\ $~#@/.+-a1\té", "range(", `\${x}`, "sort", "null", "1.5");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      try {
        parseOverride(pieces.join(""), 0);
      } catch (fault) {
        expect(fault).toHaveProperty("name", "OverrideError");
      }
    }),
    { numRuns: 5000 },
  );
});
