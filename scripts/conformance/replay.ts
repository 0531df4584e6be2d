/** How one case of a corpus ended. */
export interface ReplayResult {
  readonly id: string;
  readonly ok: boolean;
  readonly expected?: string;
  readonly got?: string;
  /** The divergence that covers the case, and why: our answer is then the promised one. */
  readonly skipped?: string;
}

/** A kind of input where we answer otherwise than Hydra on purpose. */
export interface DivergenceRule<Case, Answer> {
  readonly name: string;
  readonly reason: string;
  /** Looks at the case alone, never at its id. */
  readonly applies: (item: Case) => boolean;
  /** What we answer instead. */
  readonly promised: (item: Case) => Answer;
}

/** Compares an answer with Hydra's, and where that differs and a rule covers the case, with the promised one. */
export function judge<Case extends { readonly id: string; readonly expect: Answer }, Answer>(
  item: Case,
  got: Answer,
  rules: readonly DivergenceRule<Case, Answer>[],
  canonical: (answer: Answer, item: Case) => string,
): ReplayResult {
  const { id } = item;
  const ours = canonical(got, item);
  const expected = canonical(item.expect, item);
  if (ours === expected) return { id, ok: true };
  const covering = rules.filter((rule) => rule.applies(item));
  const [first] = covering;
  if (first === undefined) return { id, ok: false, expected, got: ours };
  const met = covering.find((rule) => canonical(rule.promised(item), item) === ours);
  if (met !== undefined) return { id, ok: true, skipped: `${met.name}: ${met.reason}` };
  return { id, ok: false, expected: `${canonical(first.promised(item), item)} (${first.name})`, got: ours };
}
