import type { ErrorWhere } from "../../core/index.ts";
import type { Span } from "./ast.ts";

/** Which word of how many; the count may be unknown. */
export interface WordPosition {
  readonly text: string;
  /** From 0. */
  readonly index: number;
  readonly total?: number | undefined;
}

/**
 * Where in an override word a fault lies, with a line of carets under the span:
 *
 *     override 1 of 2   modle=ttm
 *                       ^^^^^
 */
export function overridePlace(word: WordPosition, span: Span): ErrorWhere {
  const count = word.total === undefined ? "" : ` of ${word.total}`;
  const head = `override ${word.index + 1}${count}   `;
  const before = [...word.text.slice(0, span.start)].length;
  const marked = Math.max(1, [...word.text.slice(span.start, span.end)].length);
  return {
    text: head + oneLine(word.text),
    detail: [" ".repeat(head.length + before) + "^".repeat(marked)],
  };
}

/** Every control character takes one column, so that the carets stay under what they mark. */
function oneLine(text: string): string {
  return text.replaceAll("\n", "␊").replace(/\p{Cc}/gu, " ");
}
