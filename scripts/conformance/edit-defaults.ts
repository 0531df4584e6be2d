import { isMap, isScalar, isSeq, parseDocument, type YAMLSeq } from "yaml";

/** The defaults list of a config's text; undefined where it has none, or is no YAML. */
function defaultsNode(text: string): YAMLSeq | undefined {
  const document = parseDocument(text, {
    version: "1.1",
    schema: "failsafe",
    uniqueKeys: false,
    logLevel: "silent",
  });
  if (document.errors.length > 0 || !isMap(document.contents)) return undefined;
  const node = document.contents.get("defaults", true);
  return isSeq(node) ? node : undefined;
}

/** One entry: its key (`override /db@src`, `db`, or a config's name) and its option, where that is one text. */
export interface ListedEntry {
  readonly key: string;
  readonly option: string | undefined;
}

export function entriesOf(text: string): readonly ListedEntry[] {
  return (defaultsNode(text)?.items ?? []).map(entryOf);
}

function entryOf(item: unknown): ListedEntry {
  if (isScalar(item)) return { key: String(item.value), option: undefined };
  const [pair] = isMap(item) ? item.items : [];
  const option = isScalar(pair?.value) ? String(pair.value.value) : undefined;
  return { key: isScalar(pair?.key) ? String(pair.key.value) : "", option };
}

/** The group that an `override` entry names, without its leading slash; undefined for any other entry. */
export function overriddenGroup({ key }: ListedEntry): string | undefined {
  const words = key.split(" ");
  return words.slice(0, -1).includes("override") ? words.at(-1)?.replace(/^\//, "") : undefined;
}

/** The text with `_self_` as the first entry of its defaults list. */
export function withSelfFirst(text: string): string {
  return rewritten(text, (slices) => ["_self_", ...slices]);
}

/** The text without the entries that the test picks. */
export function withoutEntries(text: string, picks: (entry: ListedEntry) => boolean): string {
  const entries = entriesOf(text);
  return rewritten(text, (slices) =>
    slices.filter((_, index) => !picks(entries[index] ?? { key: "", option: undefined })),
  );
}

function rewritten(text: string, edit: (slices: readonly string[]) => readonly string[]): string {
  const list = defaultsNode(text);
  const range = list?.range;
  if (list === undefined || !range) return text;
  const slices = list.items.map((item) => {
    const [start, end] = (item as { range?: [number, number, number] }).range ?? [0, 0];
    return text.slice(start, end).trimEnd();
  });
  const kept = edit(slices);
  const end = text.slice(0, range[1]).trimEnd().length;
  const before = text.slice(0, range[0]);
  if (list.flow || kept.length === 0) return `${before}[${kept.join(", ")}]${text.slice(end)}`;
  const indent = before.slice(before.lastIndexOf("\n") + 1);
  return `${before}${kept.map((slice) => `- ${slice}`).join(`\n${indent}`)}${text.slice(end)}`;
}
