import { Lexer } from "yaml";
import type { ConfigErrorCode } from "../errors.ts";

/** A fault that YAML 1.1 readers see where this package's parser is lenient. */
export interface StrictFault {
  readonly code: ConfigErrorCode;
  readonly message: string;
  /** Offset into the text. */
  readonly pos: number;
  readonly fix: string;
}

/** What the lexer puts between the lexemes: start of a document, an error, a plain scalar. */
const marks = ["\u0002", "\u0018", "\u001f"];

/** The first fault of that kind, or undefined: a tab between tokens, an anchor that takes the colon behind it. */
export function strictFault(text: string): StrictFault | undefined {
  if (!/[\t&]/.test(text)) return undefined;
  let pos = 0;
  for (const lexeme of new Lexer().lex(text)) {
    const fault = lexemeFault(lexeme, pos);
    if (fault !== undefined) return fault;
    // Control marks are no part of the text.
    if (!marks.includes(lexeme)) pos += lexeme.length;
  }
  return undefined;
}

function lexemeFault(lexeme: string, pos: number): StrictFault | undefined {
  if (/^[ \t]*\t[ \t]*$/.test(lexeme)) {
    const message = "a tab cannot stand between the parts of YAML 1.1";
    return { code: "CONFIG_YAML_SYNTAX", message, pos: pos + lexeme.indexOf("\t"), fix: "write blanks" };
  }
  if (/^&[\w-]+:$/.test(lexeme)) {
    return {
      code: "CONFIG_KEY_TYPE",
      message: "null cannot be a key",
      pos,
      fix: `write the key behind '${lexeme}'`,
    };
  }
  if (/^&/.test(lexeme) && !/^&[\w-]+$/.test(lexeme)) {
    const message = `'${lexeme}' is no anchor`;
    return { code: "CONFIG_YAML_SYNTAX", message, pos, fix: "name it with letters, digits, '-' and '_'" };
  }
  return undefined;
}
