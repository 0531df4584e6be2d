import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./doc-blocks.ts";

const rooms = readdirSync(join(root, "src"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
const pages = ["README.md", "CONTRIBUTING.md", "data/README.md", ...docs.map((name) => `docs/${name}`)];

describe("a room's README", () => {
  it.each(rooms)("src/%s says takes, gives, does not know, start, tested", (room) => {
    const text = readFileSync(join(root, "src", room, "README.md"), "utf8");
    for (const word of [/takes/i, /gives/i, /does not know|knows nothing/i, /start/i, /tested/i])
      expect(text).toMatch(word);
  });
});

describe("links between pages", () => {
  it.each(pages)("of %s lead to files that are there", (page) => {
    const text = readFileSync(join(root, page), "utf8").replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, "");
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] as string);
    const local = links.filter((link) => !link.includes("://"));
    expect(local.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  });

  it.each(pages)("names of files in %s are those of files that are there", (page) => {
    const text = readFileSync(join(root, page), "utf8");
    const named = [...text.matchAll(/`((?:src|conf|docs|tests|scripts|examples|data|bin)\/[\w./-]+)`/g)];
    const missing = named.map((match) => match[1] as string).filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });
});
