import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ttmApp } from "../../src/cli/app.ts";
import { HydraConfigManager } from "../../src/experiment/index.ts";
import { docBlocks, root, shellWords } from "./doc-blocks.ts";

/** Lines of the pages' sh blocks that call `ttm`, as words behind it. */
const commands = ["README.md", "CONTRIBUTING.md", "docs/architecture.md"].flatMap((page) =>
  docBlocks(page)
    .filter(({ language }) => language === "sh")
    .flatMap(({ text, line }) =>
      text.split("\n").map((command, index) => ({ command, at: `${page}:${line + index}` })),
    )
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
    expect(() => new HydraConfigManager().loadConfig(words.filter(isOverride))).not.toThrow();
  });

  it.each(commands.filter(({ words }) => isSweep(words)))(
    "$at plans its jobs: $command",
    async ({ words }) => {
      const out: string[] = [];
      const host = { stdout: (text: string) => out.push(text), stderr: (text: string) => out.push(text) };
      expect(await ttmApp().main([...words, "--dry-run"], host), out.join("")).toBe(0);
    },
  );
});

const text = (page: string) => readFileSync(join(root, page), "utf8");

describe("npm scripts of the pages", () => {
  it("are in package.json", () => {
    const { scripts } = JSON.parse(text("package.json"));
    const named = ["README.md", "CONTRIBUTING.md"].flatMap((page) => [
      ...text(page).matchAll(/\bnpm run ([\w:]+)/g),
    ]);
    expect(named.length).toBeGreaterThan(3);
    expect(named.map(([, name]) => name as string).filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe("the README's table of config groups", () => {
  const folders = readdirSync(join(root, "conf"), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const groups = folders.map(({ name }) => name).filter((name) => name !== "hydra");

  it.each(groups)("names every option of %s", (group) => {
    const row = text("README.md")
      .split("\n")
      .find((line) => line.startsWith(`| \`${group}\``));
    const options = readdirSync(join(root, "conf", group)).map((file) => file.replace(/\.yaml$/, ""));
    expect(options.filter((option) => !row?.includes(`\`${option}\``))).toEqual([]);
  });
});
