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

const divergences: readonly DivergenceRule<YamlCase, Answer>[] = [
  {
    name: "unicode-line-breaks",
    reason:
      "Hydra prints U+0085, U+2028 and U+2029 raw, which YAML 1.2 readers take for letters; we escape them",
    applies: ({ expect }) => "dump" in expect && /'[^']*[\u0085\u2028\u2029]/.test(String(expect["dump"])),
    promised: ({ expect }) => ({
      ...expect,
      dump: String(expect["dump"]).replace(/'((?:[^']|'')*)'/g, escapedBreaks),
    }),
  },
];

const breakEscapes: Readonly<Record<string, string>> = { "\u0085": "\\N", "\u2028": "\\L", "\u2029": "\\P" };

/** A single-quoted text with Unicode line breaks, in double quotes; any other as it is. */
function escapedBreaks(quoted: string, content: string): string {
  if (!/[\u0085\u2028\u2029]/.test(content)) return quoted;
  const plain = content.replaceAll("''", "'").replace(/[\\"]/g, "\\$&");
  const lines = plain.replace(/\n(\n+) */g, (_, more: string) => "\\n".repeat(more.length));
  return `"${lines.replace(/([\u0085\u2028\u2029]) */g, (_, one: string) => breakEscapes[one] ?? one)}"`;
}

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
