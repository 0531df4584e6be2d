import type { Key, Node, ScalarValue } from "../../src/config/index.ts";
import { floatRepr } from "../../src/config/index.ts";

/** A value as the corpora write it: `{"t": "int", "v": "1"}`. */
export interface Tagged {
  readonly t: string;
  readonly v?: unknown;
}

/** A config node in the corpora's form, interpolations as text. */
export function taggedNode(node: Node): Tagged {
  switch (node.kind) {
    case "scalar":
      return taggedScalar(node.value);
    case "list":
      return { t: "list", v: node.items.map(taggedNode) };
    case "map":
      return { t: "dict", v: [...node.entries].map(([key, item]) => [taggedScalar(key), taggedNode(item)]) };
  }
}

function taggedScalar(value: ScalarValue | Key): Tagged {
  if (value === null) return { t: "null" };
  if (typeof value === "boolean") return { t: "bool", v: value };
  if (typeof value === "bigint") return { t: "int", v: String(value) };
  if (typeof value === "number") return { t: "float", v: floatRepr(value) };
  if (typeof value === "string") return { t: "str", v: value };
  return { t: "bytes", v: Buffer.from(value).toString("hex") };
}

/** A tagged value without sweeps as an override's words write it. */
export function taggedText({ t, v }: Tagged): string {
  if (t === "null") return "null";
  if (t === "bool") return v === true ? "True" : "False";
  if (t === "str") return String(v).replace(/[\\()[\]{}:=, \t]/g, "\\$&");
  if (t === "list") return `[${(v as readonly Tagged[]).map(taggedText).join(",")}]`;
  if (t !== "dict") return String(v);
  const pairs = (v as readonly (readonly [Tagged, Tagged])[]).map((pair) => pair.map(taggedText).join(":"));
  return `{${pairs.join(",")}}`;
}

/** The same with every float in one form, so that equal numbers are equal texts; enums as their member's name. */
export function canonicalTagged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonicalTagged);
  if (typeof value !== "object" || value === null) return value;
  if ("t" in value && value.t === "float" && "v" in value) {
    return { t: "float", v: floatRepr(pythonFloat(String(value.v))) };
  }
  if ("t" in value && value.t === "RunMode" && "v" in value) {
    return { t: "str", v: String(value.v).replace("RunMode.", "") };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, canonicalTagged(item)]));
}

function pythonFloat(text: string): number {
  if (text === "inf") return Number.POSITIVE_INFINITY;
  return text === "-inf" ? Number.NEGATIVE_INFINITY : Number(text);
}
