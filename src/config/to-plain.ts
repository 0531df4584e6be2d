import type { Node } from "./node.ts";

/**
 * The tree as JavaScript data, for schemas: ints as numbers where they are safe (else bigint), maps as objects. Keys
 * become text. Interpolations are data here: resolve the tree first.
 */
export function toPlain(node: Node): unknown {
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "bigint" ? safeInt(node.value) : node.value;
    case "list":
      return node.items.map(toPlain);
    case "map": {
      const object: Record<string, unknown> = {};
      for (const [key, item] of node.entries) {
        // defineProperty: a key named __proto__ is a key like any other.
        Object.defineProperty(object, String(key), {
          value: toPlain(item),
          enumerable: true,
          writable: true,
          configurable: true,
        });
      }
      return object;
    }
  }
}

function safeInt(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
