import { expect, it } from "vitest";
import { OverrideError, parseOverrides } from "../../../src/config/grammar/index.ts";
import { formatError, TtmErrors } from "../../../src/core/index.ts";

function faultsOf(...words: string[]): string[] {
  try {
    parseOverrides(words);
  } catch (fault) {
    if (fault instanceof TtmErrors) return fault.errors.map(formatError);
    if (fault instanceof OverrideError) return [formatError(fault)];
    throw fault;
  }
  return [];
}

it("points at a sign that needs an escape, and shows the word in quotes", () => {
  expect(faultsOf("a=b c=d", "x=1")).toEqual([
    [
      "error OVERRIDE_SYNTAX: '=' does not fit here",
      "  at   override 1 of 2   a=b c=d",
      "                              ^",
      `  fix  write \\= for the sign itself, or quote the value: 'a="b c=d"'`,
    ].join("\n"),
  ]);
});

it("points at the name of an unknown function", () => {
  expect(faultsOf("x=1", "lr=[rnage(1,2)]")).toEqual([
    [
      "error OVERRIDE_UNKNOWN_FUNCTION: unknown function 'rnage'",
      "  at   override 2 of 2   lr=[rnage(1,2)]",
      "                             ^^^^^",
      "  fix  did you mean 'range'? there are: append, bool, choice, extend_list, float, glob, insert, int, interval, prepend, range, remove, shuffle, sort, str, tag, zip",
    ].join("\n"),
  ]);
});

it("points at the argument that a function does not take", () => {
  expect(faultsOf("lr=range(1,stpo=3)")).toEqual([
    [
      "error OVERRIDE_BAD_CALL: range() has no parameter 'stpo'",
      "  at   override 1 of 1   lr=range(1,stpo=3)",
      "                                    ^^^^^^",
      "  fix  did you mean 'stop'? it takes start, stop, step",
    ].join("\n"),
  ]);
});

it("points at the inner call that failed", () => {
  expect(faultsOf("é[='日本'", "a=choice('日本',int('x'))")[1]).toBe(
    [
      `error OVERRIDE_BAD_CALL: int() cannot read "x"`,
      "  at   override 2 of 2   a=choice('日本',int('x'))",
      "                                       ^^^^^^^^",
      "  fix  it reads digits, as in int('12')",
    ].join("\n"),
  );
});

it("gathers the faults of all words", () => {
  const faults = faultsOf("a", "b=1", "c=\u0007", "d=[1,]");
  expect(faults.map((fault) => fault.split("\n")[0])).toEqual([
    "error OVERRIDE_SYNTAX: there is no '='",
    `error OVERRIDE_SYNTAX: "\\u0007" may not stand unquoted in a value`,
    "error OVERRIDE_SYNTAX: expected a value, not ']'",
  ]);
});

it("gives every fault a place and a fix", () => {
  const words = [
    "a[0]=1",
    "a='b",
    "a=[1",
    "a='b' c",
    "a={'x':1}",
    "a=,b",
    "a=interval(1)",
    "a=sort()",
    "a=bool(x)",
  ];
  for (const fault of faultsOf(...words)) expect(fault).toMatch(/\n {2}at .*\n +\^+\n {2}fix {2}\S/);
});
