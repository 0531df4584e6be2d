import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ttmApp } from "../../src/cli/app.ts";
import { HydraConfigManager } from "../../src/experiment/index.ts";
import { docBlocks, root, shellWords } from "./doc-blocks.ts";

/** Lines of the pages' sh blocks that call `ttm`, as words behind it. */
const commands = ["README.md", "CONTRIBUTING.md", "docs/architecture.md"].flatMap((page) =>
  docBlocks(page)
    .filter(({ language }) => language === "sh")
    .flatMap(({ text, line }) => text.split("\n").map((command, index) => ({ command, at: `${page}:${line + index}` })))
    .flatMap(({ command, at }) => {
      const words = shellWords(command);
      const name = words.findIndex((word) => word === "ttm" || word === "bin/ttm.js");
      return name < 0 ? [] : [{ at, command, words: words.slice(name + 1) }];
    }),
);

const isOverride = (word: string) => word.includes("=") && !word.startsWith("-");
const isSweep = (words: readonly string[]) => words.includes("--multirun") || words.includes("-m");

describe("the commands of the pages", () => {
  it("are there", () => {
    expect(commands.length).toBeGreaterThan(15);
  });

  it.each(commands.filter(({ words }) => !isSweep(words)))("$at composes: $command", ({ words }) => {
    expect(new HydraConfigManager().loadConfig(words.filter(isOverride)).seed).toBe(42);
  });

  it.each(commands.filter(({ words }) => isSweep(words)))("$at plans its jobs: $command", async ({ words }) => {
    const out: string[] = [];
    const host = { stdout: (text: string) => out.push(text), stderr: (text: string) => out.push(text) };
    expect(await ttmApp().main([...words, "--dry-run"], host), out.join("")).toBe(0);
  });
});

describe("npm scripts of the pages", () => {
  it("are in package.json", async () => {
    const { scripts } = (await import("../../package.json", { with: { type: "json" } })).default;
    const named = ["README.md", "CONTRIBUTING.md"].flatMap((page) =>
      docBlocks(page).flatMap(({ text }) => [...text.matchAll(/\bnpm run ([\w:]+)/g)].map((match) => match[1] as string)),
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    expect(existsSync(join(root, "package.json"))).toBe(true);
  });
});
