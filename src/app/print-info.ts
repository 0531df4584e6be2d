import type { Composition } from "../config/index.ts";
import { defaultsTreeText } from "./defaults-tree-text.ts";
import type { InfoKind } from "./flags.ts";
import { printConfig } from "./print-config.ts";

/** What `--info KIND` prints. */
export function infoText(composition: Composition, kind: InfoKind, title: string): string {
  const parts: Record<InfoKind, () => string> = {
    defaults: () => section("Defaults List", defaultsTable(composition)),
    "defaults-tree": () => section("Defaults Tree", defaultsTreeText(composition.defaultsTrees)),
    searchpath: () => section("Config search path", searchPathTable(composition)),
    plugins: () => section("Plugins", `launchers and sweepers are registered by name; see --hydra-help\n`),
    config: () =>
      [
        parts.searchpath(),
        parts["defaults-tree"](),
        parts.defaults(),
        section("Config", printConfig(composition, { kind: "job", path: undefined, resolve: false })),
      ].join(""),
    all: () => `${title}\n${parts.plugins()}${parts.config()}`,
  };
  return parts[kind]();
}

function section(title: string, body: string): string {
  return `\n${title}\n${"*".repeat(title.length)}\n${body}`;
}

function searchPathTable(composition: Composition): string {
  return table(
    ["Provider", "Search path"],
    composition.searchPath.map(({ provider, path }) => [provider, path]),
  );
}

function defaultsTable(composition: Composition): string {
  return table(
    ["Config path", "Package", "_self_", "Parent"],
    composition.defaultsList.map((item) => [
      item.path,
      item.package,
      item.isSelf ? "True" : "False",
      item.parent ?? "<root>",
    ]),
  );
}

/** Rows between two rules, in Hydra's form. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  const rule = `${"-".repeat(line(head).length - 1)}\n`;
  return line(head) + rule + rows.map(line).join("") + rule;
}
