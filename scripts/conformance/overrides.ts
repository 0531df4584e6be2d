import { floatRepr } from "../../src/config/python-text.ts";
import { answerOf, type OverrideAnswer, type OverrideCase } from "./override-answer.ts";
import { type Divergence, divergences } from "./override-divergences.ts";

export interface OverrideResult {
  readonly id: string;
  readonly ok: boolean;
  readonly expected?: string;
  readonly got?: string;
  /** The divergence that covers the case, and why: our answer is then the promised one. */
  readonly skipped?: string;
}

export type { OverrideCase } from "./override-answer.ts";

/** Asks our grammar each word of the corpus and compares all of the answer with Hydra's. */
export function* replayOverrides(cases: Iterable<OverrideCase>): Iterable<OverrideResult> {
  for (const item of cases) yield replayOne(item);
}

function replayOne(item: OverrideCase): OverrideResult {
  const got = canonical(answerOf(item.input, item.expect));
  const expected = canonical(item.expect);
  if (got === expected) return { id: item.id, ok: true };
  const covering = divergences.find((rule) => rule.applies(item));
  if (covering === undefined) return { id: item.id, ok: false, expected, got };
  return replayDivergent(item, covering, got);
}

function replayDivergent(item: OverrideCase, rule: Divergence, got: string): OverrideResult {
  const promised = canonical(rule.promised(item));
  if (got === promised) return { id: item.id, ok: true, skipped: `${rule.name}: ${rule.reason}` };
  return { id: item.id, ok: false, expected: `${promised} (${rule.name})`, got };
}

/** One text for equal answers: keys sorted, floats by value, the two syntax kinds as one. */
function canonical(answer: OverrideAnswer): string {
  if (answer.error) return JSON.stringify({ error: errorClass(answer.error.kind) });
  const { textError, jobsError, ...rest } = answer;
  const failures = { textError: textError !== undefined, jobsError: jobsError !== undefined };
  return JSON.stringify({ ...rest, ...failures }, (_, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(sameFloat(value)).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  });
}

function sameFloat(value: object): object {
  if (!("t" in value) || value.t !== "float" || !("v" in value)) return value;
  return { t: "float", v: floatRepr(pythonFloat(String(value.v))) };
}

function pythonFloat(text: string): number {
  return Number(text.replace("inf", "Infinity").replace("nan", "NaN"));
}

function errorClass(kind: string): string {
  return kind === "override-lexer" || kind === "override-parser" ? "override-syntax" : kind;
}
