import type { DefaultsTree } from "../config/index.ts";

/** The defaults lists as a tree: `config:`, below it `db: mysql`, `server: apache:`, `_self_`. */
export function defaultsTreeText(trees: readonly DefaultsTree[]): string {
  return `<root>:\n${trees.map((tree) => treeText(tree, "  ")).join("")}`;
}

function treeText({ entry, children }: DefaultsTree, indent: string): string {
  const name = entry.label;
  if (children.length === 0) return `${indent}${name}\n`;
  return `${indent}${name}:\n${children.map((child) => treeText(child, `${indent}  `)).join("")}`;
}
