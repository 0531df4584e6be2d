import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wholeDocument } from "../../src/config/yaml/load-yaml.ts";
import { plainDocument } from "../../src/config/yaml/plain-document.ts";

const shared = process.env["TTM_SHARED"] ?? join(import.meta.dirname, "../../../shared");

/** What the plain reader gives must be what the whole one gives, positions and all. */
function agrees(text: string): boolean {
  const plain = answer(() => plainDocument(text, "f.yaml"));
  if (plain === undefined) return false;
  expect(plain, text).toEqual(answer(() => wholeDocument(text, "f.yaml")));
  return true;
}

function answer<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    return `refused: ${String(error)} ${JSON.stringify(error)}`;
  }
}

describe("plainDocument", () => {
  it.each([
    "a: 1\nb: x y  # no\nc:\n  d: [1, 'two', \"three\", {e: 1.5}]\n  f: {g: 010, h: [x]}\n",
    "defaults:\n- override /db: mysql\n- optional a/b@c.d: null\n-   _self_\n# end\n",
    "- a: 1\n  b: 2\n-   c: 3\n    d:\n    - e\n- -1\n- ~\n",
    "a: |\n  x\n\n   # y: 1\n\n# z\nb:\n  c: |-\n     t\n  d: 1\n",
    "{}\n",
    "{a: [1], b: {}}  # c\n",
    "a: ???\nb: [x]\n",
    "größe: é\nΩ/β: [1]\n",
    `a: [${"[x, 'y'], ".repeat(500)}z]\n`,
    "a:   # why\n  b: ${c.d}\n  u: http://x/y#z\n  t: 1:30\n  n: .inf\n  s: a - b: c#d\n",
  ])("reads %j as the whole reader does", (text) => {
    const refusedByBoth = text.includes("b: c#d");
    expect(agrees(text)).toBe(!refusedByBoth);
  });

  it.each([
    "a: >\n  x\n",
    "a: |\n  x",
    "a: |+\n  x\n",
    "a: |\n   x\n  y\n",
    "a: |\n  x\n   \n",
    "a: ? b\n",
    "[a]\nb: 1\n",
    "- a: |\n  x\n",
    "a: &x 1\n",
    "a: !t 1\n",
    "a:\n",
    "a: 'it''s'\n",
    'a: "\\n"\n',
    "a: x\n  y\n",
    "on: 1\n",
    "---\na: 1\n",
    "a: [1,\n 2]\n",
    "a: 'x'y\n",
    "a: [a:b]\n",
    "a: {b: }\n",
    "a:\n   b: 1\n  c: 2\n",
    "a\tb: 1\n",
    "a: 1\r\n",
    "- - a\n",
    `a: ${"[".repeat(60)}${"]".repeat(60)}\n`,
    "a: x\u1680\n",
    "? a\n: b\n",
    "a: @b\n",
    "a: 0b_\n",
    " a: 1\n",
    "",
  ])("leaves %j to the whole reader", (text) => {
    expect(plainDocument(text, "f.yaml")).toBeUndefined();
  });

  it("tells of a key that is there twice as the whole reader does, unless the text itself is wrong behind it", () => {
    const text = "a: 1\nb:\n  c: 1\n  c: 2\na: 2\n";
    expect(() => plainDocument(text, "f.yaml")).toThrow("'c' is here twice");
    expect(agrees(text)).toBe(true);
    expect(plainDocument(`${text}d: [\n`, "f.yaml")).toBeUndefined();
  });

  it("agrees on any text put together from what YAML is made of", () => {
    const word = fc.constantFrom(
      ..."a b c_d 1 -1 1.5 1e3 0x1f 010 1:30 on null ~ .inf x/y x.y ${a.b} 'q r' \"s\" [ ] [1,2] [a] {b:1} {a: 1} # : , - -- = << ! & * | > ? % @ é \\ ' \"".split(
        " ",
      ),
    );
    const piece = fc.oneof(
      { weight: 6, arbitrary: word },
      { weight: 3, arbitrary: fc.constantFrom(": ", ":", " ", "  ", "- ", " # ", ", ", "[", "]", "{", "}") },
    );
    const key = fc.constantFrom(
      "a: ",
      "b: ",
      "c: ",
      "d:",
      "d: |",
      "f: |-",
      "- ",
      "- a: ",
      "-  ",
      "/x/y: ",
      "override /g@p: ",
      "",
    );
    const line = fc
      .tuple(fc.constantFrom("", "", "  ", "    ", "      ", " "), key, fc.array(piece, { maxLength: 4 }))
      .map((parts) => parts.flat().join(""));
    const easy = fc
      .tuple(fc.constantFrom("", "  "), fc.constantFrom("a: ", "b: ", "c: ", "- "), word)
      .map((parts) => parts.join(""));
    const lines = fc.oneof(
      fc.array(line, { minLength: 1, maxLength: 5 }),
      fc.array(easy, { minLength: 1, maxLength: 4 }),
    );
    let plain = 0;
    fc.assert(
      fc.property(
        fc
          .tuple(fc.constantFrom("", "d:\n", "- e: 1\n"), lines)
          .map(([head, rest]) => [head + rest[0], ...rest.slice(1)]),
        (texts) => {
          if (agrees(`${texts.join("\n")}\n`)) plain++;
        },
      ),
      { numRuns: 20_000 },
    );
    expect(plain).toBeGreaterThan(500);
  });

  const folders = ["hydra", "hydra-real"].map((name) => join(shared, "conformance", name));
  it.skipIf(!folders.every((folder) => existsSync(folder)))(
    "agrees on every config of the conformance corpora (needs the shared folder), and reads most of them",
    () => {
      const texts = folders
        .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
        .flatMap(textsIn);
      const plain = texts.filter(agrees);
      expect(plain.length / texts.length).toBeGreaterThan(0.5);
    },
    120_000,
  );
});

/** The YAML texts of a corpus: files of its trees, or cases about YAML itself. */
function textsIn(file: string): string[] {
  if (!file.endsWith(".json")) return [];
  const corpus = JSON.parse(readFileSync(file, "utf8")) as {
    readonly trees?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly cases?: readonly { readonly yaml?: unknown; readonly text?: unknown }[];
  };
  const files = Object.values(corpus.trees ?? {}).flatMap((tree) => Object.values(tree));
  const cases = (corpus.cases ?? []).flatMap(({ yaml, text }) => [yaml, text]);
  return [...files, ...cases].filter((text) => typeof text === "string");
}
