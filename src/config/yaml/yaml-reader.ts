import type { Alias, Pair, Scalar, YAMLMap, YAMLSeq, Node as YamlNode } from "yaml";
import type { ConfigErrorCode } from "../errors.ts";
import { type ConfigError, configError } from "../errors.ts";
import type { Key, MapNode, Node, ScalarValue } from "../node.ts";
import { listNode, mapNode, scalarNode, setEntry } from "../node.ts";
import type { FileOrigin } from "../origin.ts";
import { originText } from "../origin.ts";
import { blockScalar } from "./block-scalar.ts";
import { duplicateKey } from "./duplicate-key.ts";
import { duplicateAnchor, unknownTag } from "./early-faults.ts";
import type { LinePlaces } from "./line-places.ts";
import { markedNode, markerName, markerUsage } from "./markers.ts";
import { plainScalar, yamlBool, yamlFloat, yamlInt } from "./plain-scalar.ts";
import { withUnicodeBreaks } from "./unicode-breaks.ts";
import { isAlias, isMap, isPair, isScalar, isSeq, scalarStyle } from "./yaml-library.ts";

const CORE_TAG = "tag:yaml.org,2002:";

/** Values that aliases may bring in beside what is written: an alias of aliases of aliases soon holds billions. */
const MOST_REPEATED = 100_000;

/** Turns the syntax tree of one document into config nodes: tags, anchors, merge keys, key rules. */
export class YamlReader {
  readonly #file: string;
  readonly #lines: LinePlaces;
  readonly #text: string;
  readonly #anchors = new Map<string, { readonly node: Node; readonly size: number } | "open">();
  /** How many values were read, those of aliases again each time. */
  #size = 0;
  /** How many flow collections are around. */
  #flow = 0;
  /** What YAML allows and a config does not; told when the rest is well. */
  #late: ConfigError | undefined;

  readonly #markers: boolean;

  /** @param markers whether `!append` and its like are known */
  constructor(text: string, file: string, lines: LinePlaces, markers = false) {
    this.#text = text;
    this.#file = file;
    this.#lines = lines;
    this.#markers = markers;
  }

  /** @throws {ConfigError} at the first fault; those that only a config forbids come last */
  read(node: YamlNode | null): Node {
    const result = this.#node(node, 0);
    if (this.#late !== undefined) throw this.#late;
    return result;
  }

  #node(node: unknown, at: number): Node {
    if (node === null || node === undefined) return { ...scalarNode(null, this.#origin(at)), bare: true };
    if (isAlias(node)) return this.#alias(node);
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor !== undefined) this.#open(anchor, node);
    const before = this.#size++;
    const result = this.#marked(node, at) ?? this.#content(node, at);
    if (anchor !== undefined) this.#anchors.set(anchor, { node: result, size: this.#size - before });
    return result;
  }

  #open(anchor: string, node: unknown): void {
    if (this.#anchors.has(anchor)) {
      throw duplicateAnchor(anchor, this.#origin(start(node)));
    }
    this.#anchors.set(anchor, "open");
  }

  /** A value with one of the tags that say how it meets the one before it; undefined without such a tag. */
  #marked(node: unknown, at: number): Node | undefined {
    const tagged = node as YamlNode & { tag?: string | undefined };
    const name = this.#markers ? markerName(tagged.tag) : undefined;
    if (name === undefined) return undefined;
    // The tag is dealt with here; what is behind it is read as if it had none.
    delete tagged.tag;
    const made = markedNode(name, this.#content(node, at));
    if (made !== undefined) return made;
    throw this.#error(
      "CONFIG_YAML_TAG",
      `this does not fit '!${name}'`,
      start(node),
      `write ${markerUsage(name)}`,
    );
  }

  #content(node: unknown, at: number): Node {
    if (isScalar(node)) return this.#scalar(node);
    const collection = isMap(node) || isSeq(node) ? node : undefined;
    if (collection?.flow) this.#flow++;
    try {
      if (isMap(node)) return this.#map(node);
      if (isSeq(node)) return this.#sequence(node);
    } finally {
      if (collection?.flow) this.#flow--;
    }
    throw this.#error("CONFIG_YAML_SYNTAX", "this is no YAML value", at);
  }

  #alias(alias: Alias): Node {
    const target = this.#anchors.get(alias.source);
    const at = start(alias);
    if (target === undefined)
      throw this.#error("CONFIG_YAML_SYNTAX", `no anchor '${alias.source}' before this`, at);
    if (target === "open")
      throw this.#error("CONFIG_YAML_SYNTAX", `anchor '${alias.source}' holds itself`, at);
    this.#size += target.size;
    if (this.#size > this.#text.length + MOST_REPEATED) {
      const what = `aliases repeat more than ${MOST_REPEATED} values`;
      throw this.#error("CONFIG_YAML_SYNTAX", what, at, "write fewer aliases, or interpolate with ${…}");
    }
    return target.node;
  }

  #scalar(node: Scalar): Node {
    const origin = this.#origin(start(node));
    const value = this.#scalarValue(node);
    return value === null && !node.source
      ? { ...scalarNode(null, origin), bare: true }
      : scalarNode(value, origin);
  }

  #scalarValue(node: Scalar): ScalarValue {
    const text = node.source ?? String(node.value ?? "");
    if (node.tag?.startsWith(CORE_TAG)) return this.#tagged(node.tag.slice(CORE_TAG.length), text, node);
    if (node.tag === "!") return this.#convert(plainScalar, this.#writtenText(text, node), node);
    if (node.tag !== undefined) throw this.#tagError(node.tag, node);
    const plain = node.type === undefined || node.type === scalarStyle.plain;
    if (!plain) return this.#writtenText(text, node);
    if (this.#flow > 0 && (text.includes("?") || text.startsWith(":"))) {
      const what = `'${text}' cannot stand unquoted within [] or {}`;
      throw this.#error("CONFIG_YAML_SYNTAX", what, start(node), `quote it: '${text}'`);
    }
    if (text === "=" || text === "<<") {
      throw this.#error(
        "CONFIG_YAML_TAG",
        `a bare '${text}' has a meaning of its own in YAML 1.1`,
        start(node),
        `write '${text}' in quotes`,
      );
    }
    return this.#convert(plainScalar, text, node);
  }

  /**
   * Block scalars are read again: the parser trims what YAML 1.1 keeps. So are quoted ones with line breaks that YAML 1.2
   * does not know.
   */
  #writtenText(text: string, node: Scalar): string {
    const [from = 0, to = 0] = node.range ?? [];
    const block = node.type === scalarStyle.literal || node.type === scalarStyle.folded;
    if (block) return blockScalar(this.#text, from, text);
    return withUnicodeBreaks(this.#text.slice(from, to)) ?? text;
  }

  #tagged(tag: string, text: string, node: Scalar): ScalarValue {
    switch (tag) {
      case "str":
        return text;
      case "int":
        return this.#convert(yamlInt, text, node);
      case "float":
        return this.#convert(yamlFloat, text, node);
      case "bool":
        if (typeof plainScalar(text.toLowerCase()) === "boolean") return yamlBool(text);
        throw this.#error("CONFIG_YAML_TAG", `'${text}' is no bool`, start(node));
      case "null":
        return null;
      case "binary":
        return new Uint8Array(Buffer.from(text, "base64"));
      case "timestamp":
        return this.#unsupported("a config holds no dates", start(node), "leave the tag out");
      default:
        throw this.#tagError(node.tag ?? tag, node);
    }
  }

  #convert(read: (text: string) => ScalarValue, text: string, node: Scalar): ScalarValue {
    try {
      return read(text);
    } catch (cause) {
      throw this.#error(
        "CONFIG_YAML_TAG",
        `'${text}' does not read as a number`,
        start(node),
        "quote it",
        cause,
      );
    }
  }

  #sequence(node: YAMLSeq): Node {
    const tag = node.tag?.startsWith(CORE_TAG) ? node.tag.slice(CORE_TAG.length) : node.tag;
    if (tag === "omap" || tag === "pairs") return this.#pairs(node);
    if (tag !== undefined && tag !== "seq" && tag !== "!") throw this.#tagError(node.tag ?? tag, node);
    const items = node.items.map((item) =>
      isPair(item) ? this.#flowPair(item) : this.#node(item, start(node)),
    );
    const marked = items.findIndex(({ marker }) => marker !== undefined);
    if (marked !== -1) {
      const name = items[marked]?.marker?.does ?? "";
      const what = `'!${name}' goes before the value of a key, not before an item`;
      throw this.#error(
        "CONFIG_YAML_TAG",
        what,
        start(node.items[marked]),
        "put it behind the key of the list",
      );
    }
    return listNode(items, this.#origin(start(node)));
  }

  /** `!!omap` and `!!pairs`: a list of two-element lists. */
  #pairs(node: YAMLSeq): Node {
    const items = node.items.map((item) => {
      const map = isMap(item) ? item.items : [];
      const pair = isPair(item) ? item : map[0];
      if (pair === undefined || map.length > 1) {
        throw this.#error("CONFIG_YAML_TAG", "each item must be one 'key: value'", start(node));
      }
      const origin = this.#origin(start(node));
      return listNode([this.#node(pair.key, start(node)), this.#node(pair.value, start(node))], origin);
    });
    return listNode(items, this.#origin(start(node)));
  }

  #flowPair(pair: Pair): Node {
    const entries = new Map<Key, Node>();
    const key = this.#key(pair.key, 0);
    entries.set(key, this.#node(pair.value, start(pair.key)));
    return mapNode(entries, this.#origin(start(pair.key)));
  }

  #map(node: YAMLMap): MapNode {
    const tag = node.tag?.startsWith(CORE_TAG) ? node.tag.slice(CORE_TAG.length) : node.tag;
    if (tag === "set") this.#unsupported("a config holds no sets", start(node), "use a list");
    else if (tag !== undefined && tag !== "map" && tag !== "!") throw this.#tagError(node.tag ?? tag, node);
    const merged = new Map<Key, Node>();
    const own = new Map<Key, Node>();
    // In the order of the file: an anchor counts from where it stands.
    for (const pair of node.items) {
      if (isMergeKey(pair.key)) {
        this.#merge(pair, merged);
        continue;
      }
      const at = pair.key === null ? start(node) : start(pair.key);
      const key = this.#key(pair.key, at);
      if (typeof key === "string" && own.has(key)) throw duplicateKey(key, this.#origin(at));
      setEntry(own, key, this.#value(pair.value, at));
    }
    for (const [key, item] of own) setEntry(merged, key, item);
    return mapNode(merged, this.#origin(start(node)));
  }

  /** A container is placed at its key: that is where one looks for it. */
  #value(value: unknown, keyAt: number): Node {
    const node = this.#node(value, keyAt);
    return node.kind === "scalar" || isAlias(value) ? node : { ...node, origin: this.#origin(keyAt) };
  }

  /** What `<<` brings in: of two maps in one list the first wins, of two `<<` the second. */
  #merge(pair: Pair, entries: Map<Key, Node>): void {
    for (const source of this.#mergeSources(pair.value, start(pair.key)).reverse()) {
      for (const [key, item] of source.entries) setEntry(entries, key, item);
    }
  }

  #mergeSources(value: unknown, at: number): MapNode[] {
    const node = this.#node(value, at);
    const sources = node.kind === "list" ? [...node.items] : [node];
    return sources.map((source) => {
      if (source.kind === "map") return source;
      throw this.#error(
        "CONFIG_YAML_TAG",
        "'<<' takes a map or a list of maps",
        at,
        "give it an alias of a map",
      );
    });
  }

  #key(key: unknown, at: number): Key {
    if (isMap(key) || isSeq(key)) throw this.#unhashable(at);
    // As a key it is a text like any other.
    if (isScalar(key) && key.source === "=" && key.tag === undefined) return "=";
    const node = this.#node(key, at);
    if (node.kind !== "scalar") throw this.#unhashable(at);
    const { value } = node;
    if (value !== null && !(value instanceof Uint8Array)) return value;
    const what = `${value === null ? "null" : "binary data"} cannot be a key`;
    this.#late ??= this.#error("CONFIG_KEY_TYPE", what, at, "quote the key");
    return "null";
  }

  #unhashable(at: number): ConfigError {
    return this.#error("CONFIG_YAML_TAG", "a list or map cannot be a key", at, "use text as the key");
  }

  #unsupported(what: string, at: number, fix: string): null {
    this.#late ??= this.#error("CONFIG_UNSUPPORTED_VALUE", what, at, fix);
    return null;
  }

  #tagError(tag: string, node: YamlNode) {
    return unknownTag(tag, this.#origin(start(node)));
  }

  #error(code: ConfigErrorCode, what: string, at: number, fix?: string, cause?: unknown) {
    return configError(code, what, { where: originText(this.#origin(at)), fix, cause });
  }

  #origin(at: number): FileOrigin {
    const { line, col } = this.#lines.linePos(at);
    return { kind: "file", file: this.#file, line: Math.max(1, line), column: Math.max(1, col) };
  }
}

function start(node: unknown): number {
  return (node as { range?: [number, number, number] | null } | null)?.range?.[0] ?? 0;
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === scalarStyle.plain && key.source === "<<" && key.tag === undefined;
}
