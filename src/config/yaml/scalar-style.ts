import type { Key, ScalarValue } from "../node.ts";
import { floatRepr } from "../python-text.ts";

const breaks = "\n\u0085\u2028\u2029";
const blanks = `\0 \t\r${breaks}`;

/** PyYAML's own implicit types, as its dumper checks them: a text that would read as one of these needs quotes. */
const impliedTypes = [
  /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/,
  /^(?:[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+)$/,
  /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/,
  /^(?:~|null|Null|NULL|)$/,
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?$/,
  /^(?:=|<<)$/,
];

const boolLike = /^(?:y|yes|n|no|true|false|on|off)$/i;
const boolForms = /^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)$/;
const digits = "\\p{Nd}+(?:_\\p{Nd}+)*";
const pythonNumber = new RegExp(
  `^\\s*[+-]?(?:(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:[eE][+-]?${digits})?|inf(?:inity)?|nan)\\s*$`,
  "iu",
);

/** Whether Python's `int()` or `float()` takes the text. */
function readsAsNumber(text: string): boolean {
  // Only `inf` and `nan` begin with a letter.
  if (/^[a-hj-mo-z_$/(]/i.test(text)) return false;
  return pythonNumber.test(text);
}

function readsAsBool(text: string): boolean {
  return boolLike.test(text) && boolForms.test(text);
}

export type ScalarStyle = "plain" | "single" | "double";

/** A scalar as it is printed before any folding: its text, and how it must be quoted. */
export interface PrintedScalar {
  readonly text: string;
  readonly style: ScalarStyle;
  readonly multiline: boolean;
}

export function printedScalar(value: ScalarValue | Key, isKey: boolean): PrintedScalar {
  if (value === null) return plain("null");
  if (typeof value === "boolean") return plain(value ? "true" : "false");
  if (typeof value === "bigint") return plain(String(value));
  if (typeof value === "number") return plain(yamlFloat(value));
  if (typeof value === "string") return printedText(value, isKey);
  throw new TypeError("bytes are printed by the dumper itself");
}

function plain(text: string): PrintedScalar {
  return { text, style: "plain", multiline: false };
}

function yamlFloat(value: number): string {
  const text = floatRepr(value);
  if (text === "nan") return ".nan";
  if (text.endsWith("inf")) return text.replace("inf", ".inf");
  return text.includes(".") ? text : text.replace("e", ".0e");
}

/** A word that nothing reads as anything but text; most keys are such. */
const plainWord = /^[A-Za-z_][\w./-]*$/;
const wordsWithMeaning = /^(?:y|yes|n|no|true|false|on|off|null|nan|inf|infinity)$/i;

function printedText(text: string, isKey: boolean): PrintedScalar {
  if (plainWord.test(text) && !wordsWithMeaning.test(text)) return plain(text);
  const traits = analyse(text);
  const single = readsAsBool(text) || readsAsNumber(text);
  const implied = impliedTypes.some((pattern) => pattern.test(text));
  const { multiline } = traits;
  if (!single && !implied && traits.plainAllowed && !(isKey && (text === "" || multiline))) {
    return { text, style: "plain", multiline };
  }
  if (traits.singleAllowed && !(isKey && multiline)) return { text, style: "single", multiline };
  return { text, style: "double", multiline };
}

interface Traits {
  readonly multiline: boolean;
  /** As a plain scalar in block context. */
  readonly plainAllowed: boolean;
  readonly singleAllowed: boolean;
}

/** Printable ASCII that begins and ends as text does; most values are such. */
const easyText = /^[A-Za-z0-9_$(/~+](?:[\x20-\x7e]*[!-9;-~])?$/;
const easyTraits: Traits = { multiline: false, plainAllowed: true, singleAllowed: true };

/** What the characters of a text allow; the rules of PyYAML's emitter. */
function analyse(text: string): Traits {
  if (easyText.test(text) && !text.includes(": ") && !text.includes(" #")) return easyTraits;
  const characters = [...text];
  const last = characters.length - 1;
  let indicators = text.startsWith("---") || text.startsWith("...");
  let multiline = false;
  let special = false;
  let breakThenSpace = false;
  let spaceThenBreak = false;
  characters.forEach((character, index) => {
    const before = characters[index - 1];
    const after = characters[index + 1];
    const blankAfter = after === undefined || blanks.includes(after);
    const blankBefore = before === undefined || blanks.includes(before);
    if (index === 0 && "#,[]{}&*!|>'\"%@`".includes(character)) indicators = true;
    if (index === 0 && "?-".includes(character) && blankAfter) indicators = true;
    if (character === ":" && blankAfter) indicators = true;
    if (character === "#" && blankBefore) indicators = true;
    if (breaks.includes(character)) multiline = true;
    if (!isPrintable(character)) special = true;
    if (before === undefined) return;
    if (character === " " && breaks.includes(before)) breakThenSpace = true;
    if (before === " " && breaks.includes(character)) spaceThenBreak = true;
  });
  const outer = ` ${breaks}`;
  const blankEnds =
    last >= 0 && (outer.includes(characters[0] ?? "") || outer.includes(characters[last] ?? ""));
  return {
    multiline,
    plainAllowed: !(blankEnds || breakThenSpace || spaceThenBreak || special || multiline || indicators),
    singleAllowed: !(breakThenSpace || spaceThenBreak || special),
  };
}

/**
 * What PyYAML prints as it is when unicode is allowed, but for the line breaks that YAML 1.2 takes for letters: other
 * readers, and of U+0085 PyYAML itself, would read another text back.
 */
export function isPrintable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x0a || (code >= 0x20 && code <= 0x7e)) return true;
  if (code === 0xfeff || code === 0x2028 || code === 0x2029) return false;
  return (
    (code >= 0xa0 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code < 0x10ffff)
  );
}
