import type { ConfigErrorCode } from "../errors.ts";
import { yamlLibrary } from "./yaml-library.ts";

/** A fault that YAML 1.1 readers see where this package's parser is lenient. */
export interface StrictFault {
  readonly code: ConfigErrorCode;
  readonly message: string;
  /** Offset into the text. */
  readonly pos: number;
  readonly fix: string;
}

/** What the lexer puts between the lexemes: start of a document, an error, a scalar without quotes. */
const marks = ["\u0002", "\u0018", "\u001f"];
const SCALAR_MARK = "\u001f";

/** The first fault of that kind, or undefined: a tab between tokens, an anchor that takes the colon behind it. */
export function strictFault(text: string): StrictFault | undefined {
  if (!/[\t&]/.test(text)) return undefined;
  let pos = 0;
  let before = "";
  let inBlock = false;
  const { Lexer } = yamlLibrary();
  for (const lexeme of new Lexer().lex(text)) {
    const plain = before === SCALAR_MARK && !inBlock;
    const fault = lexemeFault(lexeme, pos, plain);
    if (fault !== undefined) return fault;
    // A block scalar's content comes after its header and the line break; tabs in it are its own.
    if (lexeme.startsWith("|") || lexeme.startsWith(">")) inBlock = true;
    else if (before === SCALAR_MARK) inBlock = false;
    before = lexeme;
    if (!marks.includes(lexeme)) pos += lexeme.length;
  }
  return undefined;
}

function lexemeFault(lexeme: string, pos: number, plain: boolean): StrictFault | undefined {
  if (!lexeme.startsWith("&") && !lexeme.includes("\t")) return undefined;
  const blank = /^[ \t]+$/.test(lexeme);
  if (lexeme.includes("\t") && (blank || plain)) {
    const message = "a tab cannot stand between the parts of YAML 1.1";
    const fix = blank ? "write blanks" : "quote the text, or write blanks";
    return { code: "CONFIG_YAML_SYNTAX", message, pos: pos + lexeme.indexOf("\t"), fix };
  }
  if (/^&[\w-]+:$/.test(lexeme)) {
    return {
      code: "CONFIG_KEY_TYPE",
      message: "null cannot be a key",
      pos,
      fix: `write the key behind '${lexeme}'`,
    };
  }
  if (/^&/.test(lexeme) && !/^&[\w-]+$/.test(lexeme) && !plain) {
    const message = `'${lexeme}' is no anchor`;
    return { code: "CONFIG_YAML_SYNTAX", message, pos, fix: "name it with letters, digits, '-' and '_'" };
  }
  return undefined;
}
