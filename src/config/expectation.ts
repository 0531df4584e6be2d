import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** Zod's types in the words of who writes YAML. */
const typeNames: Readonly<Record<string, string>> = {
  array: "a list",
  tuple: "a list",
  boolean: "true or false",
  int: "a whole number",
  map: "a mapping",
  number: "a number",
  object: "a mapping",
  record: "a mapping",
  string: "text",
};

/** What a schema wanted, as the end of a sentence: `expected a whole number`. A schema's own message stands as it is. */
export function expectation(issue: Issue): string {
  if (!/^(Invalid|Too |Unrecognized)/.test(issue.message)) return issue.message;
  if (issue.code === "too_big" || issue.code === "too_small") {
    const limit = issue.code === "too_big" ? issue.maximum : issue.minimum;
    // What a double holds exactly; zod tells it of every int.
    if (Math.abs(Number(limit)) === Number.MAX_SAFE_INTEGER)
      return `expected a whole number ${issue.code === "too_big" ? "up to" : "from"} ${limit}: beyond it numbers are no longer exact`;
  }
  switch (issue.code) {
    case "invalid_type":
      return `expected ${typeNames[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `expected one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `expected ${sized(issue.origin)} ${issue.inclusive ? "of at least" : "above"} ${counted(issue.origin, issue.minimum)}`;
    case "too_big":
      return `expected ${sized(issue.origin)} ${issue.inclusive ? "of at most" : "below"} ${counted(issue.origin, issue.maximum)}`;
    case "not_multiple_of":
      return `expected a multiple of ${issue.divisor}`;
    case "invalid_union":
      return unionExpectation(issue);
    default:
      return issue.message;
  }
}

/** The values that would do, where the schema lists them. */
export function offeredValues(issue: Issue): readonly unknown[] {
  if (issue.code === "invalid_value") return issue.values;
  return issue.code === "invalid_union" && "options" in issue ? (issue.options ?? []) : [];
}

/** Of several forms: the values that tell them apart, else what each of them would take. */
function unionExpectation(issue: z.core.$ZodIssueInvalidUnion): string {
  const offered = offeredValues(issue);
  if (offered.length > 0) return `expected one of ${offered.map(String).join(", ")}`;
  const forms = issue.errors.flatMap((issues) => issues.slice(0, 1).map(formExpectation));
  return forms.length === 0 ? issue.message : `expected ${[...new Set(forms)].join(" or ")}`;
}

function formExpectation(issue: Issue): string {
  const inner = expectation(issue).replace(/^expected /, "");
  return issue.path.length === 0 ? inner : `${inner} at ${issue.path.join(".")}`;
}

/** What has a size, without its article: `expected number above 0`. */
function sized(origin: string): string {
  return (typeNames[origin] ?? origin).replace(/^an? /, "");
}

function counted(origin: string, count: number | bigint): string {
  if (origin === "string") return `${count} ${Number(count) === 1 ? "character" : "characters"}`;
  return origin === "array" ? `${count} ${Number(count) === 1 ? "item" : "items"}` : String(count);
}
