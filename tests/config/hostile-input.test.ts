import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compose,
  Interpolator,
  isContainer,
  loadYaml,
  nodeValue,
  parseOverride,
  resolveSetting,
  toPlain,
  toYaml,
} from "../../src/config/index.ts";
import { composeFiles, errorsIn, faultsOf, inConfTree } from "./conf-tree.ts";

/** Text of about that many characters. */
function filled(piece: string, size: number): string {
  return piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
}

/**
 * Runs a task to its end: it may succeed, or throw coded errors and nothing else.
 *
 * @returns the processor time in milliseconds, the better of two runs: the first also compiles the code
 */
function cost(task: () => unknown): number {
  const runs = [0, 1].map(() => {
    const before = process.cpuUsage();
    try {
      task();
    } catch (error) {
      for (const { code } of errorsIn(error)) expect(code).toMatch(/^(?:CONFIG|OVERRIDE)_/);
    }
    return process.cpuUsage(before).user / 1000;
  });
  return Math.min(...runs);
}

const SIZE = 100_000;
/** Processor time for SIZE characters; a shared machine is allowed as much again. */
const MOST_MS = 200;
/** What the yaml package alone needs for the densest texts is more than that: a value for every second sign. */
const MOST_MS_YAML = 500;

const deepBlock = Array.from({ length: 440 }, (_, level) => `${" ".repeat(level)}a:`).join("\n");
const names = [..."abcdefghijkl"];
const bomb = names
  .map((name, index) => {
    const before = names[index - 1];
    return `${name}: &${name} [${filled(before === undefined ? "x," : `*${before},`, before === undefined ? 18 : 27)}x]`;
  })
  .join("\n");

const yamls: Readonly<Record<string, string>> = {
  "brackets that never close": filled("[", SIZE),
  "braces that never close": filled("{a: ", SIZE),
  "10,000 lists within each other": `a: ${"[".repeat(10_000)}${"]".repeat(10_000)}`,
  "10,000 dashes in a line": `${"- ".repeat(10_000)}x`,
  "10,000 question marks": filled("? ", 20_000),
  "maps down a staircase": deepBlock,
  "aliases of aliases": bomb,
  "one key in every line": filled(":\n", SIZE),
  "one question in every line": filled("? a\n", SIZE),
  "one anchor in every line": filled("- &a b\n", SIZE),
  "a tag that nobody knows in every line": filled("- !x a\n", SIZE),
  "dashes in one line": filled("- ", SIZE),
  "a new document in every line": filled("---\n", SIZE),
  "an alias of itself": "a: &a [*a]",
  "a map that is its own value": "a: &a\n  b: *a\n",
  "a merge of itself": "a: &a\n  <<: *a\n",
  "a merge key in every line": `a: &a {k: 1}\n${Array.from({ length: 2000 }, (_, i) => `b${i}: {<<: *a}`).join("\n")}`,
  "keys of objects": "__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\ntoString: 1\n",
  "many keys": Array.from({ length: SIZE / 10 }, (_, i) => `k${i}: ${i}`).join("\n"),
  "one key many times": filled("a: 1\n", SIZE),
  quotes: filled("'", SIZE),
  "double quotes": filled('"', SIZE),
  backslashes: `"${filled("\\", SIZE)}`,
  commas: `[${filled(",", SIZE)}`,
  "tags, anchors": `a: ${filled("!a &b ", SIZE)}`,
  documents: filled("---\n", SIZE),
  "empty lines": filled("\n", SIZE),
  tabs: filled("\t", SIZE),
  digits: `a: ${filled("9", SIZE)}`,
  "base 60": `a: 1${filled(":59", SIZE)}`,
  underscores: `a: 1${filled("_", SIZE)}`,
  "a long word": filled("a", SIZE),
  "zero bytes": filled("\0", SIZE),
  "half characters": `a: ${filled("\ud83d", SIZE)}`,
  "a block of blanks": `a: >\n${filled("\n", SIZE)}`,
  "interpolations that never close": `a: '${filled("${", SIZE)}'`,
  "interpolations within each other": `a: '${"${".repeat(SIZE / 4)}x${"}".repeat(SIZE / 4)}'`,
  "calls within each other": `a: '${filled("${f:", SIZE)}'`,
  "lists in an interpolation": `a: '\${f:${filled("[", SIZE)}'`,
  "blanks in an interpolation": `a: '\${f:${filled(" ", SIZE)}'`,
  "words in an interpolation": `a: '\${f:${filled("a ", SIZE)}'`,
  "dots in an interpolation": `a: '\${${filled(".", SIZE)}'`,
  "a long path": `a: '\${${filled("a.", SIZE)}b}'`,
  "a quoted text over lines that are not indented": `m:\n  a: "${filled("b\n", SIZE)}"`,
  "brackets over lines that are not indented": `m:\n  a: [${filled("b,\n", SIZE)}]`,
  "quotes over lines that are not indented": filled("'x\ny': 1\n", SIZE / 10),
  "lone dashes": `a: [${filled("-,", SIZE / 4)}]`,
  "backslashes before an interpolation": `a: '${filled("\\", SIZE)}\${x}'`,
};

describe("a hostile file", () => {
  it.each(Object.entries(yamls))("ends soon: %s", (_, yaml) => {
    const milliseconds = cost(() => {
      const node = loadYaml(yaml, "<hostile>");
      toYaml(node);
      nodeValue(node);
      if (isContainer(node)) new Interpolator(node).resolveTree();
    });
    expect(milliseconds).toBeLessThan((MOST_MS_YAML * Math.max(SIZE, yaml.length)) / SIZE);
  });

  it("of a megabyte ends in proportion", () => {
    const milliseconds = cost(() => loadYaml(filled("a: [", 1_000_000), "<hostile>"));
    expect(milliseconds).toBeLessThan(MOST_MS_YAML * 10);
  });

  it("of any bytes ends in a config or a coded error", () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const signs = fc.array(fc.constantFrom(..."\n\n  -:?#&*!|>'\"%@`[]{},$~<=a1é\t\0"), { maxLength: 60 });
    const input = fc.oneof(
      bytes.map((raw) => Buffer.from(raw)),
      signs.map((all) => Buffer.from(all.join(""))),
    );
    fc.assert(
      fc.property(input, (content) => {
        cost(() => composeFiles({ "config.yaml": content as unknown as string }));
      }),
      { numRuns: 500 },
    );
  });
});

const words: Readonly<Record<string, string>> = {
  "brackets that never close": `a=${filled("[", SIZE)}`,
  "calls within each other": `a=${filled("sort(", SIZE)}`,
  commas: `a=${filled(",", SIZE)}`,
  "a long list": `a=[${filled("1,", SIZE)}1]`,
  "a long sweep": `a=${filled("1,", SIZE)}1`,
  "a large dict": `a={${Array.from({ length: SIZE / 8 }, (_, i) => `k${i}:1`).join(",")}}`,
  "one key many times": `a={${filled("k:1,", SIZE)}k:1}`,
  "interpolations that never close": `a=${filled("${", SIZE)}`,
  quotes: `a=${filled("'", SIZE)}`,
  "escaped quotes": `a='${filled("\\'", SIZE)}`,
  backslashes: `a=${filled("\\", SIZE)}`,
  blanks: `a=x${filled(" ", SIZE)}y`,
  digits: `a=${filled("1", SIZE)}`,
  "digits with underscores": `a=${filled("1_", SIZE)}`,
  "numbers that are none": `a=${filled("1e", SIZE)}`,
  "a long key": `${filled("a.", SIZE)}b=1`,
  "a key that ends wrongly": `${filled("a.", SIZE)}=1`,
  "a key without a value": filled("a", SIZE),
  "signs before a key": `${filled("+", SIZE)}a=1`,
  "other scripts": `a=${filled("é1 ", SIZE)}`,
  "a range of everything": "a=range(0,1e308)",
  "a range of the smallest steps": "a=range(1e-308,1e308)",
  "a cast of a long text": `a=int('${filled("1_", SIZE)}x')`,
  "a cast of blanks": `a=float('${filled(" ", SIZE)}x')`,
  "many patterns": `a=glob(${filled("*a", SIZE)})`,
  "a quoted text of backslashes": `a='${filled("\\", SIZE)}x'`,
  "a package of many parts": `a@${filled("b.", SIZE)}b=c`,
  "many tags": `a=tag(${filled("a,", SIZE)}choice(1))`,
};

describe("a hostile word", () => {
  it.each(Object.entries(words))("ends soon: %s", (_, word) => {
    expect(cost(() => parseOverride(word, 0))).toBeLessThan((MOST_MS * Math.max(SIZE, word.length)) / SIZE);
  });

  it.each([
    "db=../../etc/passwd",
    "db=/etc/passwd",
    "db=../secret",
    "db=..",
    "db='x\0y'",
    "+../secret=a",
    "+db/../../x=a",
    "db=[../secret,a]",
    "hydra/launcher=../../../x",
  ])("reads no file outside of the config folders: %s", (word) => {
    inConfTree(
      { "secret.yaml": "stolen: 1\n", "conf/config.yaml": "defaults: [db: a]\n", "conf/db/a.yaml": "p: 1\n" },
      (dir) => {
        const attempt = () =>
          compose({ configDir: `${dir}/conf`, configName: "config", overrides: [word], env: {} });
        expect(attempt).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^(?:CONFIG|OVERRIDE)_/) }),
        );
      },
    );
  });

  it.each(["../secret", "db/../../secret", "/../secret"])("nor does a defaults list: %s", (path) => {
    inConfTree(
      { "secret.yaml": "stolen: 1\n", "conf/config.yaml": `defaults: ['${path}']\n`, "conf/db/a.yaml": "" },
      (dir) => {
        const attempt = () =>
          compose({ configDir: `${dir}/conf`, configName: "config", overrides: [], env: {} });
        expect(attempt).toThrow(expect.objectContaining({ code: "CONFIG_UNKNOWN_OPTION" }));
      },
    );
  });

  it("changes no object but the config", () => {
    const config = composeFiles({ "config.yaml": "a: 1\n__proto__: {b: 1}\n" }, [
      "+constructor.prototype.polluted=1",
      "++__proto__.polluted=1",
      "+x={__proto__: {polluted: 1}}",
    ]).config;
    const plain = toPlain(config) as Record<string, unknown>;
    expect(Object.keys(plain)).toEqual(["a", "__proto__", "constructor", "x"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype);
  });
});

const doubling = (of: (name: string) => string) =>
  [..."abcdefghijklmnopqrstuvwxyz"]
    .map((name, index, all) => `${name}: ${of(all[index + 1] ?? "end")}`)
    .join("\n");

describe("hostile defaults lists", () => {
  const ladder = Object.fromEntries(
    Array.from({ length: 25 }, (_, i) => [`a${i}.yaml`, `defaults: ['a${i + 1}@x', 'a${i + 1}@y']\n`]),
  );
  it("that double end soon", () => {
    const files = { ...ladder, "config.yaml": "defaults: [a0]\n", "a25.yaml": "z: 1\n" };
    expect(cost(() => composeFiles(files))).toBeLessThan(1000);
    expect(faultsOf(files)).toEqual([
      expect.stringContaining("CONFIG_DEFAULTS_INVALID: the defaults lists bring in"),
    ]);
  });

  it("that are circles of circles tell of each circle once", () => {
    const files = {
      "config.yaml": "defaults: [a]\n",
      "a.yaml": "defaults: [b, b@x]\n",
      "b.yaml": "defaults: [a, a@x]\n",
    };
    expect(faultsOf(files)).toEqual([expect.stringContaining("include each other: a → b → a")]);
  });

  it("with packages of many parts end in a coded error", () => {
    const files = { "config.yaml": `defaults: ['f@${filled("b.", 16_000)}b']\n`, "f.yaml": "a: 1\n" };
    expect(faultsOf(files)).toEqual([expect.stringContaining("at most 200 parts")]);
    expect(faultsOf({ "config.yaml": "" }, [`+b${".b".repeat(8000)}=1`])).toEqual([
      expect.stringContaining("OVERRIDE_SYNTAX: a key has at most 200 parts"),
    ]);
  });
});

describe("thousands of", () => {
  const numbers = Array.from({ length: 4000 }, (_, i) => i);

  it("words are applied in proportion", () => {
    const files = { "config.yaml": numbers.map((i) => `k${i}: 1\n`).join("") };
    const words = numbers.map((i) => `k${i}=2`);
    expect(cost(() => composeFiles(files, words))).toBeLessThan(600);
  });

  it("defaults lines are merged in proportion", () => {
    const lines = numbers.map((i) => `- f@p${i}\n`).join("");
    expect(
      cost(() => composeFiles({ "config.yaml": `defaults:\n${lines}`, "f.yaml": "a: 1\n" })),
    ).toBeLessThan(600);
  });
});

describe("hostile interpolations", () => {
  it.each<[string, string]>([
    ["texts that double", `${doubling((next) => `\${${next}}\${${next}}`)}\nend: x\n`],
    ["lists that double", `${doubling((next) => `['\${${next}}', '\${${next}}']`)}\nend: x\n`],
    [
      "texts of the environment that double",
      `${doubling((next) => `\${${next}}\${${next}}`)}\nend: \${oc.env:NOPE,x}\n`,
    ],
    ["texts of containers that double", `${doubling((next) => `\${${next}}\${${next}}`)}\nend: {x: 1}\n`],
    ["expressions that double", `${doubling((next) => `\${expr:'${next} + ${next}'}`)}\nend: 1\n`],
    ["a cycle", "a: ${b}\nb: ${c}\nc: ${a}\n"],
    ["a cycle through lists", "a: ['${b}']\nb: ['${a}']\n"],
    [
      "a long chain",
      `${Array.from({ length: 5000 }, (_, i) => `k${i}: \${k${i + 1}}`).join("\n")}\nk5000: 1\n`,
    ],
    ["a container of itself", "a: {b: {c: '${a}'}}\n"],
  ])("end soon: %s", (_, yaml) => {
    const root = loadYaml(yaml, "<hostile>");
    if (!isContainer(root)) throw new Error("no config");
    expect(cost(() => new Interpolator(root).resolveTree())).toBeLessThan(3000);
  });

  it("leave what nobody reads unread", () => {
    const composition = composeFiles({ "config.yaml": "a: ${a}\nb: 1\n" });
    expect(resolveSetting(composition, "b")).toBe(1n);
  });
});
