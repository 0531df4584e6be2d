import { describe, expect, it } from "vitest";
import type { PlainValue } from "../../src/config/index.ts";
import { Interpolator, isContainer, loadYaml, nodeValue, resolveSetting } from "../../src/config/index.ts";
import { composeFiles } from "./conf-tree.ts";

const config = `
a: 3
f: 2.5
t: true
n: null
s: text
big: 9007199254740993
l: [10, 20, 30]
ll: [{k: 1}, [4]]
o: {k: 4, "a-b": 5, deep: {x: 6}, sib: "\${expr:'.k + 1'}", up: "\${expr:'..a * 2'}", 7: seven}
link: \${o.deep}
chain: \${expr:'o.sib * 2'}
m: ???
`;

/** What the expression gives in that config. */
function resultOf(expression: string): PlainValue {
  const quote = expression.includes("'") ? '"' : "'";
  const root = loadYaml(`${config}got: |-\n  \${expr:${quote}${expression}${quote}}\n`, "<test>");
  if (!isContainer(root)) throw new Error("no config");
  const found = new Interpolator(root).select("got");
  return found === undefined ? null : nodeValue(found.node);
}

// Values as Python 3 gives them.
describe("expressions", () => {
  it.each<[string, PlainValue]>([
    ["1 + 2 * 3", 7n],
    ["(1 + 2) * 3", 9n],
    ["7 / 2", 3.5],
    ["6 / 2", 3],
    ["7 // 2", 3n],
    ["-7 // 2", -4n],
    ["-7 % 3", 2n],
    ["7 % -3", -2n],
    ["-7.5 % 2", 0.5],
    ["7.5 // 2", 3],
    ["2 ** 10", 1024n],
    ["2 ** -1", 0.5],
    ["-2 ** 2", -4n],
    ["2 ** 3 ** 2", 512n],
    ["1e3", 1000],
    ["1_000", 1000n],
    [".5 + 1.", 1.5],
    ["1 + true", 2n],
    ["big + 1", 9007199254740994n],
    ["'a' + 'b'", "ab"],
    ["[1] + [a]", [1n, 3n]],
    ["1 < 2 < 3", true],
    ["1 < 3 < 2", false],
    ["1 == 1.0", true],
    ["1 == '1'", false],
    ["'b' > 'a'", true],
    ["2 in [1, 2]", true],
    ["4 not in [1, 2]", true],
    ["'ex' in s", true],
    ["'k' in o", true],
    ["not a", false],
    ["n or 5", 5n],
    ["a and f", 2.5],
    ["0 and nowhere", 0n],
    ["a or nowhere", 3n],
    ["1 if t else nowhere", 1n],
    ["nowhere if n else 2", 2n],
    ["1 if n else 2 if not t else 3", 3n],
    ["None", null],
    ["True", true],
    ["[]", []],
  ])("%s", (expression, expected) => expect(resultOf(expression)).toEqual(expected));

  it.each<[string, PlainValue]>([
    ["a * 2", 6n],
    ["o.k", 4n],
    ["o['a-b']", 5n],
    ["o.deep.x + link.x", 12n],
    ["l[0] + l[-1]", 40n],
    ["l.1", 20n],
    ["ll.1.0 + ll.0.k", 5n],
    ["l[a - 2]", 20n],
    ["o[7]", "seven"],
    ["o.sib", 5n],
    ["o.up", 6n],
    ["chain", 10n],
    [".a", 3n],
    ["link", new Map([["x", 6n]])],
    ["link == o.deep", true],
    ["[1, 2][1]", 2n],
    ["len(l)", 3n],
    ["max(l) - min(1, a)", 29n],
    ["sum(l) / len(l)", 20],
    ["abs(-f)", 2.5],
    ["round(2.5)", 2n],
    ["round(3.5)", 4n],
    ["round(2.345, 1)", 2.3],
    ["floor(-2.5)", -3n],
    ["ceil(f)", 3n],
    ["int('12') + int(2.9)", 14n],
    ["float('1e-3')", 0.001],
    ["str(1.0) + str(n)", "1.0None"],
    ["upper(s)", "TEXT"],
    ["'x' in keys(link)", true],
    ["values(link)", [6n]],
    ["bool('')", false],
  ])("%s reads the config", (expression, expected) => expect(resultOf(expression)).toEqual(expected));

  it.each([
    ["", /a value expected, not the end/],
    ["1 +", /a value expected, not the end/],
    ["1 2", /an operator expected, not '2' \(character 3\)/],
    ["a = 1", /'=' has no meaning/],
    ["(1", /'\)' expected/],
    ["nowhere", /the config has no key 'nowhere'/],
    ["o.deep.y", /'o\.deep' has no key 'y'/],
    ["a.b", /'a' is one value/],
    ["l[3]", /'l' has 3 items and no 3/],
    ["1 / 0", /division by 0/],
    ["1 % 0", /division by 0/],
    ["0 ** -1", /division by 0/],
    ["(-8) ** 0.5", /no root/],
    ["s * 2", /'\*' does not go with text and a number/],
    ["s + 1", /'\+' does not go with text and a number/],
    ["s < 1", /'<' does not go with text and a number/],
    ["-s", /'-' does not go with text/],
    ["foo(1)", /no function 'foo'/],
    ["abs(1, 2)", /takes 1 arguments, not 2/],
    ["min([])", /the list is empty/],
    ["2 ** 100000", /too large/],
    ["10 ** 10 ** 10", /too large/],
    ["got", /refers to itself/],
    ["m + 1", /'m', which has no value yet/],
    [".....a", /above the root/],
  ])("refuses %j", (expression, message) => expect(() => resultOf(expression)).toThrow(message));

  it.each([
    "constructor",
    "__proto__",
    "o.constructor",
    "o.__proto__",
    "l.length",
    "s.length",
    "o['constructor']",
    "toString()",
    "constructor('x')",
    "process.env",
    "globalThis",
    "import('fs')",
    "eval('1')",
    "(1).constructor",
    "[].constructor",
  ])("reaches nothing but keys: %s", (expression) => {
    expect(() => resultOf(expression)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/CONFIG_INTERPOLATION_(?:FAILED|SYNTAX)/) }),
    );
  });

  it("tells the call, the place and what to type", () => {
    const root = loadYaml("rate: 1\nlr: ${expr:'rats * 2'}\n", "conf.yaml");
    if (!isContainer(root)) throw new Error("no config");
    expect(() => new Interpolator(root).select("lr")).toThrow(
      expect.objectContaining({
        message: "'${expr:'rats * 2'}' failed: the config has no key 'rats'",
        fix: "did you mean 'rate'?",
        where: { text: "conf.yaml:2:5 (lr)" },
      }),
    );
  });

  it("ends soon, whatever the expression", () => {
    const hostile = [
      "(".repeat(5000),
      "-".repeat(5000),
      "not ".repeat(2000),
      `1${"+1".repeat(4000)}`,
      `a${".b".repeat(3000)}`,
      `${"[".repeat(4000)}${"]".repeat(4000)}`,
      "2**".repeat(3000),
      "9".repeat(9000),
      `'${"x".repeat(20_000)}'`,
      `1${" < 2".repeat(2000)}`,
    ];
    for (const text of hostile) {
      const started = performance.now();
      try {
        resultOf(text);
      } catch (error) {
        expect(error).toHaveProperty("code");
      }
      expect(performance.now() - started).toBeLessThan(200);
    }
  });

  it("works in words of the command line", () => {
    const composition = composeFiles({ "config.yaml": "a: 2\nb: 0\n" }, ["b=${expr:a*2}", "a=4"]);
    expect(resolveSetting(composition, "b")).toBe(8n);
  });
});
