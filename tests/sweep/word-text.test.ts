import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Element } from "../../src/config/index.ts";
import { elementValue, parseOverride } from "../../src/config/index.ts";
import { wordText } from "../../src/sweep/word-text.ts";

const span = { start: 0, end: 0 };

function text(value: string): Element {
  return { kind: "scalar", value, text: value, span };
}

describe("wordText", () => {
  it.each<[Element, string]>([
    [text("a b"), "a\\ b"],
    [text("1"), "'1'"],
    [text("null"), "'null'"],
    [text("a#b"), "a#b"],
    [text("日本"), "日本"],
    [text("a\nb"), "'a\nb'"],
    [text("it's"), "'it\\'s'"],
    [{ kind: "scalar", value: 1e-4, text: "1e-4", span }, "0.0001"],
    [{ kind: "interpolation", text: "${a.b}", span }, "${a.b}"],
    [{ kind: "interpolation", text: "${f:{a:1}}", span }, "'${f:{a:1}}'"],
    [{ kind: "edit", edit: "append", at: null, items: [text("1"), text("b")], span }, "append('1',b)"],
    [{ kind: "list", items: [text("1"), text("b")], span }, "['1',b]"],
    [{ kind: "dict", entries: [{ key: "k", value: text("true") }], span }, "{k:'true'}"],
  ])("%j", (element, expected) => {
    expect(wordText(element)).toBe(expected);
  });

  it("reads back as the same text, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const back = parseOverride(`k=${wordText(text(value))}`, 0).value;
        expect(back === null ? null : elementValue(back)).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });
});
