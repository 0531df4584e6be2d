import { loadYaml, toYaml } from "../../src/config/index.ts";
import { type Answer, answerOf, canonicalAnswer } from "./answer.ts";
import type { DivergenceRule, ReplayResult } from "./replay.ts";
import { judge } from "./replay.ts";
import { taggedNode } from "./tagged.ts";

export interface YamlCase {
  readonly id: string;
  readonly yaml: string;
  readonly expect: Answer;
}

const divergences: readonly DivergenceRule<YamlCase, Answer>[] = [];

/** Loads each text, and prints it again. */
export function* replayYaml(corpus: { readonly cases: readonly YamlCase[] }): Iterable<ReplayResult> {
  for (const item of corpus.cases) yield judge(item, answerTo(item), divergences, canonicalAnswer);
}

function answerTo({ yaml }: YamlCase): Answer {
  return answerOf(() => {
    const node = loadYaml(yaml, "<file>");
    return { value: taggedNode(node), dump: toYaml(node) };
  });
}
