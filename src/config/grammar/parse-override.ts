import { Random, throwAll } from "../../core/index.ts";
import type { Override } from "./ast.ts";
import { OverrideError } from "./errors.ts";
import { evaluate } from "./evaluate.ts";
import { CallFault, SyntaxFault, type SyntaxRemedy } from "./faults.ts";
import { parseKey } from "./parse-key.ts";
import { parseValue } from "./parser.ts";
import { overridePlace, type WordPosition } from "./place.ts";

export interface ParseOptions {
  /** How many overrides there are, for the words of an error. */
  readonly total?: number | undefined;
  /** Orders the list in `shuffle([…])`; seed 0 where none is given. */
  readonly random?: Random;
}

/**
 * Parses one override word: `a.b=1`, `+db=pg`, `++x=[1,2]`, `~opt`, `group@package=option`, `lr=range(1,4)`.
 *
 * @param text   the word as the shell hands it over
 * @param index  its position among the overrides, from 0
 * @throws {OverrideError} OVERRIDE_SYNTAX, OVERRIDE_UNKNOWN_FUNCTION or OVERRIDE_BAD_CALL, with carets
 * @see Hydra 1.3, `OverrideLexer.g4`, `OverrideParser.g4`
 */
export function parseOverride(text: string, index: number, options: ParseOptions = {}): Override {
  try {
    return parseWord(text, index, options.random ?? Random.fromSeed(0));
  } catch (fault) {
    throw overrideError(fault, { text, index, total: options.total });
  }
}

/**
 * Parses all words, and gathers the faults of all before it throws.
 *
 * @throws {OverrideError} for one fault, `TtmErrors` for several
 */
export function parseOverrides(words: readonly string[], options: ParseOptions = {}): Override[] {
  const faults: OverrideError[] = [];
  const overrides = words.flatMap((word, index) => {
    try {
      return [parseOverride(word, index, { total: words.length, ...options })];
    } catch (fault) {
      if (!(fault instanceof OverrideError)) throw fault;
      faults.push(fault);
      return [];
    }
  });
  throwAll(faults);
  return overrides;
}

function parseWord(text: string, index: number, random: Random): Override {
  const equal = text.indexOf("=");
  const head = equal < 0 ? text : text.slice(0, equal);
  const key = parseKey(head);
  const end = text.length;
  if (equal < 0) {
    if (key.kind !== "delete") throw new SyntaxFault("there is no '='", { start: end, end }, "no-value");
    return { ...key, value: null, text, index, valueSpan: { start: end, end } };
  }
  const start = equal + 1 + (/^[ \t]*/.exec(text.slice(equal + 1))?.[0].length ?? 0);
  const value = evaluate(parseValue(text, start), text, random);
  return { ...key, value, text, index, valueSpan: { start, end } };
}

function overrideError(fault: unknown, word: WordPosition): unknown {
  if (fault instanceof SyntaxFault) {
    const where = overridePlace(word, fault.span);
    return new OverrideError("OVERRIDE_SYNTAX", fault.message, {
      where,
      fix: remedy(fault.remedy, word.text),
    });
  }
  if (!(fault instanceof CallFault)) return fault;
  const where = overridePlace(word, fault.span ?? { start: 0, end: word.text.length });
  return new OverrideError(fault.code, fault.message, { where, fix: fault.fix });
}

function remedy(kind: SyntaxRemedy, text: string): string | undefined {
  switch (kind) {
    case "no-value":
      return `write ${text}=VALUE to change it, +${text}=VALUE to add it, ~${text} to delete it`;
    case "key":
      return "a key is a.b.c, group/sub or group@package, of letters, digits, _, - and $; an item of a list is a.0, not a[0]";
    case "equal":
      return `write \\= for the sign itself, or quote the value: ${inQuotes(text)}`;
    case "quote-value":
      return `quote the value: ${inQuotes(text)}`;
    case "quote-open":
      return `close the quote, or quote the whole value: ${inQuotes(text)}`;
    case "whole-value":
      return `a quoted string, a list, a dict or a call must be all there is: remove what stands beside it`;
    case "close":
      return `close what is open, or quote the value: ${inQuotes(text)}`;
    case "comma":
      return `leave out the comma that nothing follows or precedes, or write '' for an empty text`;
    case "dict-key":
      return "write {key: value}; escape special characters in the key with a backslash";
    case "none":
      return undefined;
  }
}

/** The word with its value quoted twice: for the grammar, and for the shell around it. */
function inQuotes(text: string): string {
  const equal = text.indexOf("=") + 1;
  const value = text.slice(equal).trim();
  const quote = value.includes('"') && !value.includes("'") ? "'" : '"';
  const inner = quote + value.replaceAll(quote, `\\${quote}`) + quote;
  const shell = inner.includes("'") ? '"' : "'";
  const word = text.slice(0, equal) + inner;
  return shell === "'" ? `'${word}'` : `"${word.replace(/["\\$`]/g, "\\$&")}"`;
}
