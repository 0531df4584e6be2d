import type { LineCounter, YAMLError } from "yaml";
import { configError } from "../errors.ts";
import { checkInterpolation } from "../interpolation/parse-interpolation.ts";
import type { Node } from "../node.ts";
import { isInterpolation, mapNode, scalarNode } from "../node.ts";
import { originText } from "../origin.ts";
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
export function wholeDocument(text: string, file: string, { markers = false }: YamlOptions = {}): Node {
  const origin = { kind: "file", file, line: 1, column: 1 } as const;
  const lines = new (yamlLibrary().LineCounter)();
  const documents = parseDocuments(text, lines, file);
  if (documents.length === 0) {
    if (/^%/m.test(text))
      throw syntaxError({ message: "a '%' line needs a '---' after it", pos: [0, 0] }, lines, file);
    return scalarNode(null, origin);
  }
  const [document, second] = documents;
  const fault = strictFault(text);
  if (fault) throw faultError(fault, lines, file);
  const error = document?.errors.find(({ message }) => !message.startsWith(LENIENT));
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

/** YAML 1.1 allows a comment right behind a quoted text. */
const LENIENT = "Comments must be separated";

function syntaxError(error: Pick<YAMLError, "message" | "pos">, lines: LineCounter, file: string) {
  const { line, col } = lines.linePos(error.pos[0]);
  return configError("CONFIG_YAML_SYNTAX", error.message, {
    where: originText({ kind: "file", file, line, column: col }),
    fix: "correct the YAML there",
  });
}

function faultError({ code, message, pos, fix }: StrictFault, lines: LineCounter, file: string) {
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
