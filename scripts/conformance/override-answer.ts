import {
  type Element,
  elementText,
  enumerateSweep,
  isSweep,
  type Override,
  OverrideError,
  parseOverride,
  type Scalar,
} from "../../src/config/grammar/index.ts";
import { floatRepr } from "../../src/config/python-text.ts";

/** A value with its type beside it, as the corpora write it: `{"t": "int", "v": "1"}`. */
export type Tagged = { readonly t: string } & Readonly<Record<string, unknown>>;

/** What Hydra answered, or what we do. Of an error only the kind counts. */
export interface OverrideAnswer {
  readonly error?: { readonly kind: string };
  readonly kind?: string;
  readonly key?: string;
  readonly package?: string | null;
  readonly valueType?: string | null;
  readonly value?: Tagged;
  readonly text?: string;
  readonly textError?: string;
  readonly jobs?: readonly string[];
  readonly jobsError?: string;
}

export interface OverrideCase {
  readonly id: string;
  readonly input: string;
  readonly expect: OverrideAnswer;
}

/** Our answer to a word, in the parts that the corpus recorded. */
export function answerOf(input: string, expect: OverrideAnswer): OverrideAnswer {
  let override: Override;
  try {
    override = parseOverride(input, 0);
  } catch (fault) {
    if (!(fault instanceof OverrideError)) throw fault;
    return { error: { kind: fault.code === "OVERRIDE_SYNTAX" ? "override-syntax" : "override-function" } };
  }
  const { value } = override;
  return {
    kind: kinds[override.kind],
    key: override.key,
    package: override.package,
    valueType: value === null ? null : valueType(value),
    value: value === null ? { t: "null" } : tagged(value),
    ...(value === null ? {} : furtherForms(override, value, expect)),
  };
}

const kinds = { change: "CHANGE", add: "ADD", force: "FORCE_ADD", delete: "DEL" } as const;

function valueType(element: Element): string {
  if (element.kind === "choice") return element.simple ? "SIMPLE_CHOICE_SWEEP" : "CHOICE_SWEEP";
  if (element.kind === "range") return "RANGE_SWEEP";
  if (element.kind === "interval") return "INTERVAL_SWEEP";
  return element.kind === "glob" ? "GLOB_CHOICE_SWEEP" : "ELEMENT";
}

/** The text form of a single value, and the jobs of a sweep where the corpus lists them. */
function furtherForms(override: Override, value: Element, expect: OverrideAnswer): OverrideAnswer {
  if (!isSweep(value)) return attempt("text", () => elementText(value));
  if (expect.jobs === undefined && expect.jobsError === undefined) return {};
  return attempt("jobs", () => {
    return enumerateSweep(value, { groupOptions: () => [], key: override.key }).map(elementText);
  });
}

function attempt(name: "text" | "jobs", make: () => string | string[]): OverrideAnswer {
  try {
    return { [name]: make() };
  } catch (fault) {
    if (!(fault instanceof OverrideError)) throw fault;
    return { [`${name}Error`]: fault.code };
  }
}

function tagged(element: Element): Tagged {
  switch (element.kind) {
    case "scalar":
      return taggedScalar(element.value);
    case "quoted":
      return { t: "str", v: element.value, quote: element.quote === "'" ? "single" : "double" };
    case "interpolation":
      return { t: "str", v: element.text };
    case "list":
      return { t: "list", v: element.items.map(tagged) };
    case "dict":
      return { t: "dict", v: element.entries.map(({ key, value }) => [taggedScalar(key), tagged(value)]) };
    case "choice": {
      const { simple, tags, shuffle } = element;
      return { t: "choice", simple, tags, shuffle, v: element.items.map(tagged) };
    }
    case "range": {
      const { tags, shuffle } = element;
      const [start, stop, step] = [element.start, element.stop, element.step].map(taggedScalar);
      return { t: "range", start, stop, step, tags, shuffle };
    }
    case "interval": {
      const [start, end] = [element.start, element.end].map(taggedScalar);
      return { t: "interval", start, end, tags: element.tags };
    }
    case "glob":
      return { t: "glob", include: element.include, exclude: element.exclude };
    case "edit":
      return { t: element.edit, at: String(element.at), v: element.items.map(tagged) };
  }
}

function taggedScalar(value: Scalar): Tagged {
  if (value === null) return { t: "null" };
  if (typeof value === "boolean") return { t: "bool", v: value };
  if (typeof value === "bigint") return { t: "int", v: String(value) };
  return typeof value === "number" ? { t: "float", v: floatRepr(value) } : { t: "str", v: value };
}
