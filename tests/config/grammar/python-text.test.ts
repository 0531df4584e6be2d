import { expect, test } from "vitest";
import { floatRepr, pythonRepr, pythonStr } from "../../../src/config/python-text.ts";

test.each([
  [0, "0.0"],
  [-0, "-0.0"],
  [1, "1.0"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [1.25e-7, "1.25e-07"],
  [123456.789, "123456.789"],
  [1e15, "1000000000000000.0"],
  [1e16, "1e+16"],
  [12345678901234568, "1.2345678901234568e+16"],
  [1.5e300, "1.5e+300"],
  [5e-324, "5e-324"],
  [Infinity, "inf"],
  [-Infinity, "-inf"],
  [Number.NaN, "nan"],
])("floatRepr(%d) is %s", (value, text) => expect(floatRepr(value)).toBe(text));

test.each([
  ["a", "'a'"],
  ["it's", `"it's"`],
  [`'"`, `'\\'"'`],
  ["a\\b\n\t\r", "'a\\\\b\\n\\t\\r'"],
  ["é日", "'é日'"],
  ["\x00\x7f\xa0\u200b\u{e0001}", "'\\x00\\x7f\\xa0\\u200b\\U000e0001'"],
  [["a", 1n, 1, null, true], "['a', 1, 1.0, None, True]"],
  [
    new Map<string | bigint, string | string[]>([
      ["a", []],
      [1n, "b"],
    ]),
    "{'a': [], 1: 'b'}",
  ],
])("repr of %o", (value, text) => expect(pythonRepr(value)).toBe(text));

test("str leaves text as it is", () => {
  expect([pythonStr("a'b"), pythonStr(null), pythonStr(["x"])]).toEqual(["a'b", "None", "['x']"]);
});
