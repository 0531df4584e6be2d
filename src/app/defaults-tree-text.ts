import type { DefaultsTree } from "../config/index.ts";

/** The defaults lists as a tree: `config:`, below it `db: mysql`, `server: apache:`, `_self_`. */
export function defaultsTreeText(trees: readonly DefaultsTree[]): string {
  return `<root>:\n${trees.map((tree) => treeText(tree, "  ")).join("")}`;
}

function treeText({ entry, children }: DefaultsTree, indent: string): string {
  const name = entryText(entry);
  if (children.length === 0) return `${indent}${name}\n`;
  return `${indent}${name}:\n${children.map((child) => treeText(child, `${indent}  `)).join("")}`;
}

function entryText({ entry, isSelf, choice, configPath }: DefaultsTree["entry"]): string {
  if (isSelf) return "_self_";
  const at = entry.package === null ? "" : `@${entry.package}`;
  if (entry.kind === "config") return `${configPath}${at}`;
  return `${entry.group.replace(/^\//, "")}${at}: ${choice === null ? "null" : String(choice)}`;
}
