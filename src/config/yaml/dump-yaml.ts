import type { Key, ListNode, Node, ScalarNode } from "../node.ts";
import { printedScalar } from "./scalar-style.ts";
import { YamlWriter } from "./yaml-writer.ts";

const LONGEST_SIMPLE_KEY = 128;

/**
 * The tree as Hydra prints it: block style, two spaces, dashes at the parent key's column, text folded at 80, what YAML
 * 1.1 would misread in single quotes. Interpolations and `???` stay as they are.
 */
export function toYaml(node: Node): string {
  const writer = new YamlWriter();
  if (node.kind === "scalar") {
    writeScalar(writer, node, 0);
  } else {
    writeContainer(writer, node, 0);
  }
  return writer.finish();
}

/** Writes an inline value, or a container from the current column on. `indent` is the container's column. */
function writeContainer(writer: YamlWriter, node: Node, indent: number): void {
  if (node.kind === "scalar") writeScalar(writer, node, indent);
  else if (node.kind === "list") writeList(writer, node, indent);
  else if (node.entries.size === 0) writer.word("{}");
  else for (const [key, item] of node.entries) writeEntry(writer, key, item, indent);
}

function writeList(writer: YamlWriter, node: ListNode, indent: number): void {
  if (node.items.length === 0) writer.word("[]");
  for (const item of node.items) {
    writer.startLine(indent);
    writer.indicator("-");
    writeContainer(writer, item, indent + 2);
  }
}

function writeEntry(writer: YamlWriter, key: Key, value: Node, indent: number): void {
  writer.startLine(indent);
  const printed = printedScalar(key, true);
  if (printed.text !== "" && isShort(printed.text) && !printed.multiline) {
    writer.scalar(printed, indent, false);
    writer.punctuation(":");
    // A list's dashes stand in the column of its key.
    writeContainer(writer, value, value.kind === "list" ? indent : indent + 2);
  } else {
    writer.indicator("?");
    writer.scalar(printedScalar(key, false), indent + 2, true);
    writer.startLine(indent);
    writer.indicator(":");
    writeContainer(writer, value, indent + 2);
  }
}

function isShort(key: string): boolean {
  return key.length < LONGEST_SIMPLE_KEY || [...key].length < LONGEST_SIMPLE_KEY;
}

function writeScalar(writer: YamlWriter, node: ScalarNode, indent: number): void {
  if (node.value instanceof Uint8Array) writer.binary(Buffer.from(node.value).toString("base64"), indent);
  else writer.scalar(printedScalar(node.value, false), indent, true);
}
