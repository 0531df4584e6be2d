import { type ErrorAnswer, errorAnswer, sameKind } from "./error-kinds.ts";
import { canonicalTagged } from "./tagged.ts";

/** What the oracle answered, or we do: parts to compare, or an error. */
export interface Answer {
  readonly error?: { readonly kind?: string; readonly kinds?: readonly string[]; readonly message?: string };
  readonly [part: string]: unknown;
}

/** Our answer: the parts, or the fault that was thrown. */
export function answerOf(ask: () => Answer): Answer {
  try {
    return ask();
  } catch (error) {
    return { error: errorAnswer(error) };
  }
}

/** One text for equal answers. Of an error only its kind counts. */
export function canonicalAnswer(answer: Answer, item: { readonly expect: Answer }): string {
  if (answer.error === undefined) return JSON.stringify(sorted(canonicalTagged(answer)));
  const expected = item.expect.error?.kind;
  const { kind, kinds = [], message = "" } = answer.error;
  if (kind !== undefined) return `error ${kind}`;
  const ours: ErrorAnswer = { kinds, message };
  if (expected !== undefined && sameKind(ours, expected)) return `error ${expected}`;
  return `error ${[...new Set(kinds)].join("/") || message}`;
}

/** The same with its own parts in one order. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
