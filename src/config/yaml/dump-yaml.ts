import type { Key, Node, ScalarNode } from "../node.ts";
import type { PrintedScalar } from "./scalar-style.ts";
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
  if (node.kind === "scalar") return writeScalar(writer, node, indent);
  if (node.kind === "list") {
    if (node.items.length === 0) return writer.word("[]");
    node.items.forEach((item) => {
      writer.startLine(indent);
      writer.indicator("-");
      writeNested(writer, item, indent);
    });
    return;
  }
  if (node.entries.size === 0) return writer.word("{}");
  for (const [key, item] of node.entries) writeEntry(writer, key, item, indent);
}

function writeEntry(writer: YamlWriter, key: Key, value: Node, indent: number): void {
  writer.startLine(indent);
  const printed = printedScalar(key, true);
  if (printed.text !== "" && [...printed.text].length < LONGEST_SIMPLE_KEY && !printed.multiline) {
    writer.scalar(printed, indent, false);
    writer.punctuation(":");
  } else {
    writer.indicator("?");
    writer.scalar(printedScalar(key, false), indent + 2, true);
    writer.startLine(indent);
    writer.indicator(":");
  }
  writeValue(writer, value, indent);
}

function writeValue(writer: YamlWriter, value: Node, indent: number): void {
  if (value.kind === "list") return writeContainer(writer, value, indent);
  if (value.kind === "map") return writeContainer(writer, value, indent + 2);
  writeScalar(writer, value, indent + 2);
}

/** An item behind its dash: its first line goes on in the same line. */
function writeNested(writer: YamlWriter, item: Node, indent: number): void {
  writeContainer(writer, item, indent + 2);
}

function writeScalar(writer: YamlWriter, node: ScalarNode, indent: number): void {
  if (node.value instanceof Uint8Array)
    return writer.binary(Buffer.from(node.value).toString("base64"), indent);
  const printed: PrintedScalar = printedScalar(node.value, false);
  writer.scalar(printed, indent, true);
}
