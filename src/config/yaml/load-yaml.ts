import type { Document, YAMLError } from "yaml";
import { configError } from "../errors.ts";
import { checkInterpolation } from "../interpolation/parse-interpolation.ts";
import type { Node } from "../node.ts";
import { isInterpolation, mapNode, scalarNode } from "../node.ts";
import { originText } from "../origin.ts";
import { asNewerYaml } from "./as-newer-yaml.ts";
import type { LinePlaces } from "./line-places.ts";
import { parseDocuments } from "./parse-documents.ts";
import { plainDocument } from "./plain-document.ts";
import { type StrictFault, strictFault } from "./strict.ts";
import { yamlLibrary } from "./yaml-library.ts";
import { YamlReader } from "./yaml-reader.ts";

/**
 * Reads one YAML 1.1 document as OmegaConf does: octal `010`, base 60 `1:30`, `yes`, no dates, duplicate keys refused,
 * every `${…}` checked for syntax. An empty document is an empty map.
 *
 * @param file what to name in positions and errors: the absolute path
 * @throws {ConfigError} CONFIG_YAML_…, CONFIG_KEY_TYPE, CONFIG_INTERPOLATION_SYNTAX, … with line and column
 */
export function loadYaml(text: string, file: string, options: YamlOptions = {}): Node {
  return documentNode(readYaml(text, file, options), file);
}

export interface YamlOptions {
  /** Reads `!append`, `!replace` and their like as the nodes' markers; else they are unknown tags. */
  readonly markers?: boolean;
}

/** As {@link loadYaml}, but a document that is one scalar stays one. */
export function readYaml(text: string, file: string, options: YamlOptions = {}): Node {
  const node = plainDocument(text, file) ?? wholeDocument(text, file, options);
  if (node.kind !== "scalar") checkInterpolations(node);
  return node;
}

/** A document with the whole of YAML, but its interpolations unchecked. */
export function wholeDocument(written: string, file: string, { markers = false }: YamlOptions = {}): Node {
  const { text, documents, lines } = parsed(written.replace(/\r(?!\n)/g, "\n"), file);
  if (documents.length === 0) {
    if (/^%/m.test(text))
      throw syntaxError({ message: "a '%' line needs a '---' after it", pos: [0, 0] }, lines, file);
    return scalarNode(null, { kind: "file", file, line: 1, column: 1 });
  }
  const [document, second] = documents;
  const fault = strictFault(text);
  if (fault) throw faultError(fault, lines, file);
  const error = firstError(document, text);
  if (error) throw syntaxError(error, lines, file);
  if (second) {
    throw syntaxError(
      { message: "a config file holds one document", pos: [second.range[0], 0] },
      lines,
      file,
    );
  }
  const node = new YamlReader(text, file, lines, markers).read(document?.contents ?? null);
  if (node.marker !== undefined) {
    throw configError(
      "CONFIG_YAML_TAG",
      `'!${node.marker.does}' goes before the value of a key, not before a file`,
      {
        where: originText(node.origin),
        fix: "put it behind a key",
      },
    );
  }
  return node;
}

/** The package takes it for the end of the text where the next line is not indented. */
const escapedQuoteAtEnd = /(?:\\"|'')[ \t]*\r?\n/;

interface Parsed {
  /** What the documents' offsets are into. */
  readonly text: string;
  readonly documents: readonly Document.Parsed[];
  /** The places in the file as it is written. */
  readonly lines: LinePlaces;
}

/** As it is written, or where that has a fault, as YAML 1.2 wants it written. */
function parsed(text: string, file: string): Parsed {
  const { LineCounter } = yamlLibrary();
  const lines = new LineCounter();
  const asWritten: Parsed = { text, documents: parseDocuments(text, lines, file), lines };
  const fault = firstError(asWritten.documents[0], text);
  const rewritten = fault || escapedQuoteAtEnd.test(text) ? asNewerYaml(text) : undefined;
  if (rewritten === undefined) return asWritten;
  const documents = parseDocuments(rewritten.text, new LineCounter(), file);
  const still = firstError(documents[0], rewritten.text);
  // A quote that was forgotten is found where the next one begins. It is told where the first one is.
  const end = still && fault && rewritten.runEnd(fault.pos[0]);
  if (end !== undefined && rewritten.writtenAt(still?.pos[0] ?? 0) <= lineEnd(text, end)) return asWritten;
  return {
    text: rewritten.text,
    documents,
    lines: { linePos: (offset) => lines.linePos(rewritten.writtenAt(offset)) },
  };
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

/** The first fault that is one in YAML 1.1. */
function firstError(document: Document.Parsed | undefined, text: string): YAMLError | undefined {
  return document?.errors.find((error) => !isLenient(error, text));
}

/** YAML 1.1 allows a comment right behind a quoted text, though not behind the head of a block. */
function isLenient({ message, pos: [at] }: YAMLError, text: string): boolean {
  if (!message.startsWith("Comments must be separated")) return false;
  return !/[|>][-+0-9]*$/.test(text.slice(Math.max(0, at - 12), at));
}

function syntaxError(error: Pick<YAMLError, "message" | "pos">, lines: LinePlaces, file: string) {
  const { line, col } = lines.linePos(error.pos[0]);
  return configError("CONFIG_YAML_SYNTAX", error.message, {
    where: originText({ kind: "file", file, line, column: col }),
    fix: "correct the YAML there",
  });
}

function faultError({ code, message, pos, fix }: StrictFault, lines: LinePlaces, file: string) {
  const { line, col } = lines.linePos(pos);
  const where = originText({ kind: "file", file, line, column: col });
  return configError(code, message, { where, fix });
}

/** A config must be a map or a list; a single word is a key without a value. */
function documentNode(node: Node, file: string): Node {
  if (node.kind !== "scalar") return node;
  if (node.value === null) return mapNode(new Map(), node.origin);
  if (typeof node.value !== "string") {
    throw configError("CONFIG_NOT_A_CONFIG", "a config must be a map or a list, not one value", {
      where: originText(node.origin),
      fix: "write 'key: value' lines",
    });
  }
  const inner = readYaml(node.value, file);
  if (inner.kind === "scalar" && typeof inner.value === "string") {
    return mapNode(new Map([[inner.value, scalarNode(null, node.origin)]]), node.origin);
  }
  return documentNode(inner, file);
}

function checkInterpolations(node: Node): void {
  if (node.kind === "list") for (const item of node.items) checkInterpolations(item);
  if (node.kind === "map") for (const item of node.entries.values()) checkInterpolations(item);
  if (isInterpolation(node)) checkInterpolation(node.value, () => originText(node.origin));
}
