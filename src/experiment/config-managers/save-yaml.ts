import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { engineOrigin, nodeFromValue, type PlainValue, toYaml } from "../../config/index.ts";

/** Writes plain data as YAML, whole or not at all. */
export async function saveYaml(value: unknown, file: string): Promise<void> {
  await mkdir(dirname(resolve(file)), { recursive: true });
  await writeFileAtomic(file, toYaml(treeOf(value)));
}

/** Plain data as a tree: whole numbers become ints. */
export function treeOf(value: unknown): ReturnType<typeof nodeFromValue> {
  return nodeFromValue(plainValue(value), engineOrigin("saved"));
}

function plainValue(value: unknown): PlainValue {
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === "object" && value !== null) {
    return new Map(Object.entries(value).map(([key, item]) => [key, plainValue(item)]));
  }
  return typeof value === "string" || typeof value === "boolean" || typeof value === "bigint" ? value : null;
}
