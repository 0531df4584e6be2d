import { expect, test } from "vitest";
import { globMatch } from "../../../src/config/grammar/index.ts";

test.each([
  ["abc", "a*", true],
  ["a/b.c", "*", true],
  ["abc", "A*", false],
  ["abc", "a?c", true],
  ["abc", "ab", false],
  ["abcabc", "*bc", true],
  ["b", "[a-c]", true],
  ["d", "[!a-c]", true],
  ["-", "[a-]", true],
  ["]", "[]]", true],
  ["^", "[^a]", true],
  ["[a", "[a", true],
  ["b", "[c-a]", false],
  ["b", "[!c-a]", true],
  ["", "*", true],
  ["", "", true],
])("%j against %j: %s", (name, pattern, matches) => {
  expect(globMatch(name, pattern)).toBe(matches);
});
