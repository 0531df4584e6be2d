import type { Element } from "../config/index.ts";
import {
  editText,
  elementText,
  elementValue,
  parseOverride,
  pythonRepr,
  pythonStr,
} from "../config/index.ts";

/**
 * A value as text that reads back as the same value: Hydra's text form where that does, else with quotes. So the words
 * in `overrides.yaml` repeat the job, though `choice('1', 'a#b')` has lost its quotes by then.
 */
export function wordText(element: Element): string {
  if (element.kind === "interpolation") {
    return readsBack(element.text, element) ? element.text : quoted(element.text);
  }
  if (element.kind === "edit") return editText(element, wordText);
  const text = elementText(element);
  return readsBack(text, element) ? text : quotedText(element, text);
}

function readsBack(text: string, element: Element): boolean {
  try {
    const { value } = parseOverride(`key=${text}`, 0);
    return value !== null && pythonRepr(elementValue(value)) === pythonRepr(elementValue(element));
  } catch {
    return false;
  }
}

function quotedText(element: Element, text: string): string {
  if (element.kind === "scalar" && typeof element.value === "string") return quoted(element.value);
  if (element.kind === "list") return `[${element.items.map(wordText).join(",")}]`;
  if (element.kind !== "dict") return text;
  return `{${element.entries.map(({ key, value }) => `${pythonStr(key)}:${wordText(value)}`).join(",")}}`;
}

/** Backslashes count only before a quote and at the end. */
function quoted(value: string): string {
  const escaped = value.replace(/(\\*)'/g, "$1$1\\'").replace(/\\+$/, (run) => run + run);
  return `'${escaped}'`;
}
