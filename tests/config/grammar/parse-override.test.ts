import { describe, expect, it, test } from "vitest";
import { type Element, elementValue, isSweep, parseOverride } from "../../../src/config/grammar/index.ts";

const kinds = { change: "", add: "+", force: "++", delete: "~" } as const;

describe("keys", () => {
  test.each([
    // word                 prefix  key        package
    ["a=1", "", "a", null],
    ["a.b.c=1", "", "a.b.c", null],
    ["a.0.b=1", "", "a.0.b", null],
    ["a.b.1_0=1", "", "a.b.1_0", null],
    ["a$b-c=1", "", "a$b-c", null],
    ["+a/b/c=x", "+", "a/b/c", null],
    ["++a@p.q=x", "++", "a", "p.q"],
    ["a/b@_global_=x", "", "a/b", "_global_"],
    ["a@=x", "", "a", ""],
    ["~a", "~", "a", null],
    ["~a/b@c", "~", "a/b", "c"],
    ["=1", "", "", null],
    ["@a=b", "", "", "a"],
  ])("%s", (word, prefix, key, packagePath) => {
    const override = parseOverride(word, 0);
    expect(kinds[override.kind]).toBe(prefix);
    expect(override).toMatchObject({ key, package: packagePath, text: word, index: 0 });
  });

  test.each([
    "a[0]=1",
    "0=1",
    "1a=1",
    "-a=1",
    ".a=1",
    "a.=1",
    "a..b=1",
    "l.-1=1",
    "a\u00a0=1",
    " a=1",
    "a =1",
  ])("%s is no key", (word) =>
    expect(() => parseOverride(word, 0)).toThrowError(/cannot stand here in a key/),
  );

  test.each(["é", "größe.日本", "模型/大", "x@größe"])("%s is a key of another script", (key) => {
    const { key: path, package: place } = parseOverride(`${key}=1`, 0);
    expect(place === null ? path : `${path}@${place}`).toBe(key);
  });

  test.each(["a/b.c=d", "a.b/c=d", "/a=b", "foo:bar=1", "a.1a=1", "a@src:dst=x", "+++a=1", "+~a=1"])(
    "%s is no key either",
    (word) => expect(() => parseOverride(word, 0)).toThrowError(/cannot stand here in a key/),
  );
});

/** A single value as data; sweeps are not values. */
function dataOf(word: string) {
  const { value } = parseOverride(word, 0);
  if (value === null) throw new Error("no value");
  return elementValue(value);
}

describe("plain values", () => {
  test.each([
    ["a=0", 0n],
    ["a=-0", 0n],
    ["a=+5", 5n],
    ["a=1_000", 1000n],
    ["a=123456789012345678901234567890", 123456789012345678901234567890n],
    ["a=1.", 1],
    ["a=.5", 0.5],
    ["a=-.5", -0.5],
    ["a=1e5", 100000],
    ["a=1_0.0_5", 10.05],
    ["a=1e1_0", 1e10],
    ["a=-inf", -Infinity],
    ["a=NaN", Number.NaN],
    ["a=TrUe", true],
    ["a=NULL", null],
  ])("%s has a type", (word, value) => expect(dataOf(word)).toEqual(value));

  test.each([
    "007",
    "00.5",
    "1__0",
    "0x1F",
    "1e",
    "infinity",
    "1.2.3",
    "2024-01-01",
    "12:30:00",
    "yes",
    "on",
    "none",
    "None",
    "null x",
    "1 2",
    "???",
    "s3://b/k",
    "http://x/z?q",
    "c:\\foo\\bar",
    "\\n",
    "int",
    // beyond Hydra: signs without a meaning, and any printable text
    "é",
    "日本",
    "naïve café",
    "👍🏽",
    "~/x",
    "a#b",
    "#1",
    "a;b&c!d^e<f>g`h",
    "<s>",
    "1é",
    "nullé",
    "\u00a0",
  ])("a=%s is text", (text) => expect(dataOf(`a=${text}`)).toBe(text));

  test.each([
    ["a=", ""],
    ["a= \t", ""],
    ["a=  a b  ", "a b"],
    ["a=\\ a", " a"],
    ["a=a\\,b", "a,b"],
    ["a=a\\=b", "a=b"],
    ["a=\\\\\\", "\\\\"],
    ["a=x\\ ", "x "],
    ["a=[é,{日本:ü#}]", ["é", new Map([["日本", "ü#"]])]],
    ["a={a:b: }", new Map([["a", "b: "]])], // a blank after a colon belongs to it
  ])("%j unescapes", (word, value) => expect(dataOf(word)).toEqual(value));

  test.each([
    ["a='1'", "1"],
    ['a="it\'s"', "it's"],
    ["a='it\\'s'", "it's"],
    ["a='a\\nb'", "a\\nb"],
    ["a='a\\\\b'", "a\\\\b"],
    ["a='a\\\\'", "a\\"],
    ["a='\\\\\\''", "\\'"],
    [`a='é,\n\${x}'`, `é,\n\${x}`],
  ])("%s is quoted", (word, value) =>
    expect(parseOverride(word, 0).value).toMatchObject({ kind: "quoted", value }),
  );

  test.each([`\${x}`, `\${x}/y`, `\${oc.env:H, /r}`, `\\\${x}`])("a=%s is kept verbatim", (text) => {
    expect(parseOverride(`a=${text}`, 0).value).toMatchObject({ kind: "interpolation", text });
  });

  test.each([
    "a=a=b",
    "a=x[1]",
    "a=[1]x",
    "a='b'c",
    "a='b' ",
    "a=[1] ",
    "a=\u0007",
    "a=x\ny",
    "a=\ud800",
    "a=é(1)",
    "a='b",
    "a=$ {x}",
    "a=[1,]",
    "a=[,1]",
    "a=a,,b",
    "a=,a",
    "a=a,",
    "a={'x':1}",
    "a={x=1}",
    "a={x:}",
    "a=[1",
    `a=\${f:{k:v}}`,
    "a=int(1)2",
    "a=range(stop=3,1)",
    "a",
    "+a",
    "",
  ])("%s does not parse", (word) => {
    expect(() => parseOverride(word, 0)).toThrowError(expect.objectContaining({ code: "OVERRIDE_SYNTAX" }));
  });
});

describe("lists, dicts and sweeps", () => {
  it("keeps the kinds of dict keys, and the first of equal keys with the last value", () => {
    const value = dataOf("a={1:a, 1.5:b, x:[ 1 , {} ], 1.0:c, true:d}");
    expect([...(value as Map<unknown, unknown>)]).toEqual([
      [1n, "d"],
      [1.5, "b"],
      ["x", [1n, new Map()]],
    ]);
  });

  it("makes a simple choice of several elements", () => {
    const element = parseOverride("a=1 , a, true,'x', [1,2]", 0).value as Element;
    expect(isSweep(element)).toBe(true);
    expect(element).toMatchObject({ kind: "choice", simple: true, tags: [], shuffle: false });
    expect(element).toHaveProperty("items.length", 5);
  });

  it("knows where key and value stand", () => {
    const override = parseOverride("++a.b@p=  [1,xy]", 2);
    const { text, keySpan, valueSpan } = override;
    expect(text.slice(keySpan.start, keySpan.end)).toBe("a.b@p");
    expect(text.slice(valueSpan.start, valueSpan.end)).toBe("[1,xy]");
    expect(override.value).toMatchObject({
      items: [{ span: { start: 11, end: 12 } }, { span: { start: 13, end: 15 } }],
    });
  });

  it("refuses to nest endlessly", () => {
    expect(() => parseOverride(`a=${"[".repeat(5000)}`, 0)).toThrowError(/too deeply/);
  });
});
