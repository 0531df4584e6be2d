import type { CST, Document, LineCounter } from "yaml";
import { configError } from "../errors.ts";
import { originText } from "../origin.ts";
import { EarlyFaults } from "./early-faults.ts";
import { yamlLibrary } from "./yaml-library.ts";

/** Collections within each other: far beyond any config, well within the stack of everything that walks a tree. */
const DEEPEST = 200;

/**
 * The first documents of a text, two at most, as syntax trees with their faults. The package takes a text apart in a loop, but builds its trees
 * by recursion: what is nested too deeply for that is refused between the two.
 *
 * @throws {ConfigError} CONFIG_YAML_SYNTAX for collections that are nested more than 200 deep
 */
export function parseDocuments(text: string, lines: LineCounter, file: string): Document.Parsed[] {
  const { Composer, Lexer } = yamlLibrary();
  if (bracketsTooDeep(text, (whole) => new Lexer().lex(whole))) throw depthError(0, lines, file);
  const composer = new Composer({
    version: "1.1",
    schema: "failsafe",
    resolveKnownTags: false,
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  const tokens = shallow(parsedTokens(text, lines, file), lines, file);
  // A text of nothing but faults has one for every sign, and what they cost is their stacks, which nobody reads.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return firstTwo(composer.compose(tokens) as Iterable<Document.Parsed>);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Texts from this length on are watched for faults while they are parsed. */
const LARGE = 20_000;

/** What the parser makes of a text, lexeme by lexeme, so that one that is nested too deeply is refused where it gets so. */
function* parsedTokens(text: string, lines: LineCounter, file: string): Iterable<CST.Token> {
  const { Parser, Lexer } = yamlLibrary();
  const parser = new Parser(lines.addNewLine);
  const watch = text.length < LARGE ? undefined : new EarlyFaults(text, lines, file);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    // The document itself is the outermost.
    const deep = parser.stack[DEEPEST + 1];
    if (deep !== undefined) throw depthError(deep.offset, lines, file);
    const fault = watch?.see(lexeme, parser);
    if (fault !== undefined) throw fault;
  }
  yield* parser.end();
}

function firstTwo<T>(values: Iterable<T>): T[] {
  const found: T[] = [];
  for (const value of values) {
    if (found.push(value) === 2) break;
  }
  return found;
}

/**
 * Whether brackets alone nest too deeply, seen before anything is parsed. Counts signs, and only where that is suspicious (they
 * may stand in texts) the lexemes.
 */
function bracketsTooDeep(text: string, lex: (text: string) => Iterable<string>): boolean {
  return exceeds(text.match(/[[\]{}]/g) ?? []) && exceeds(lex(text));
}

function exceeds(lexemes: Iterable<string>): boolean {
  let depth = 0;
  for (const lexeme of lexemes) {
    if (lexeme === "[" || lexeme === "{") depth++;
    else if (lexeme === "]" || lexeme === "}") depth = Math.max(0, depth - 1);
    if (depth > DEEPEST) return true;
  }
  return false;
}

function* shallow(tokens: Iterable<CST.Token>, lines: LineCounter, file: string): Iterable<CST.Token> {
  for (const token of tokens) {
    const deep = tooDeep(token);
    if (deep !== undefined) throw depthError(deep, lines, file);
    yield token;
  }
}

/** The offset of a collection that is nested too deeply; undefined where there is none. */
function tooDeep(root: CST.Token): number | undefined {
  const open: { readonly token: CST.Token; readonly depth: number }[] = [{ token: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > DEEPEST) return token.offset;
    for (const inner of innerTokens(token)) open.push({ token: inner, depth: depth + 1 });
  }
  return undefined;
}

function innerTokens(token: CST.Token): CST.Token[] {
  if (token.type === "document") return token.value === undefined ? [] : [token.value];
  if (!("items" in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter(isCollection));
}

/** Only these hold others. */
function isCollection(token: CST.Token | null | undefined): token is CST.Token {
  return token !== null && token !== undefined && "items" in token;
}

function depthError(offset: number, lines: LineCounter, file: string) {
  const { line, col } = lines.linePos(offset);
  return configError("CONFIG_YAML_SYNTAX", `lists and maps are nested more than ${DEEPEST} deep`, {
    where: originText({ kind: "file", file, line: Math.max(1, line), column: Math.max(1, col) }),
    fix: "write it flatter",
  });
}
