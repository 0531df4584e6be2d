import type { CST, LineCounter, Parser } from "yaml";
import { type ConfigError, configError } from "../errors.ts";
import { type FileOrigin, originText } from "../origin.ts";
import { duplicateKey } from "./duplicate-key.ts";
import { markerName } from "./markers.ts";
import { plainScalar } from "./plain-scalar.ts";

/** What the lexer puts before a scalar without quotes, and its other marks, which stand for no text. */
const SCALAR_MARK = "\u001f";
const marks = ["\u0002", "\u0018", SCALAR_MARK];

/**
 * Watches a large text while it is parsed, so that a hostile one does not cost its whole length: an anchor or a key of the
 * outermost map that is there twice, a tag that nobody knows. In a small text such faults are told when all of it has been parsed, after faults of
 * the text itself.
 */
export class EarlyFaults {
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #hasOwnHandles: boolean;
  readonly #anchors = new Set<string>();
  readonly #keys = new Set<string>();
  #seenItems = 0;
  #before = "";
  #offset = 0;

  /** @param text  the whole of it: a `%TAG` line may give any tag a meaning */
  constructor(text: string, lines: LineCounter, file: string) {
    this.#lines = lines;
    this.#file = file;
    this.#hasOwnHandles = text.includes("%TAG");
  }

  /** Looks at a lexeme that the parser has just taken. @returns the first fault */
  see(lexeme: string, parser: Parser): ConfigError | undefined {
    const isText = this.#before === SCALAR_MARK;
    const fault = (isText ? undefined : this.#property(lexeme)) ?? this.#key(parser.stack[1]);
    this.#before = lexeme;
    if (!marks.includes(lexeme)) this.#offset += lexeme.length;
    return fault;
  }

  #property(lexeme: string): ConfigError | undefined {
    if (lexeme.startsWith("&")) return this.#anchor(lexeme.slice(1));
    const isUnknown = /^![\w-]+$/.test(lexeme) && markerName(lexeme) === undefined && !this.#hasOwnHandles;
    return isUnknown ? unknownTag(lexeme, this.#origin(this.#offset)) : undefined;
  }

  #anchor(name: string): ConfigError | undefined {
    if (!this.#anchors.has(name)) {
      this.#anchors.add(name);
      return undefined;
    }
    return duplicateAnchor(name, this.#origin(this.#offset));
  }

  /** An item is whole when the next has begun. */
  #key(map: CST.Token | undefined): ConfigError | undefined {
    if (map?.type !== "block-map" || map.items.length - 1 <= this.#seenItems) return undefined;
    const item = map.items[this.#seenItems++];
    const key = keyText(item?.key);
    if (key === undefined || !this.#keys.has(key)) {
      if (key !== undefined) this.#keys.add(key);
      return undefined;
    }
    const at = item?.key?.offset ?? item?.sep?.[0]?.offset ?? map.offset;
    return duplicateKey(key, this.#origin(at));
  }

  #origin(at: number): FileOrigin {
    const { line, col } = this.#lines.linePos(at);
    return { kind: "file", file: this.#file, line: Math.max(1, line), column: Math.max(1, col) };
  }
}

/** The error for a tag that nobody knows. */
export function unknownTag(tag: string, origin: FileOrigin): ConfigError {
  return configError("CONFIG_YAML_TAG", `unknown tag '${tag}'`, {
    where: originText(origin),
    fix: "leave the tag out",
  });
}

/** The error for an anchor that a file has twice; `origin` is where the second stands. */
export function duplicateAnchor(name: string, origin: FileOrigin): ConfigError {
  return configError("CONFIG_YAML_SYNTAX", `anchor '${name}' is here twice`, {
    where: originText(origin),
    fix: "rename one of the two",
  });
}

/** A plain key that is text, or one that is left out; others are the reader's. */
function keyText(key: CST.Token | null | undefined): string | undefined {
  if (key === null || key === undefined) return "null";
  if (key.type !== "scalar") return undefined;
  // A merge key may stand in a map as often as one likes.
  if (key.source === "<<") return undefined;
  const value = plainScalar(key.source);
  return typeof value === "string" ? value : undefined;
}
