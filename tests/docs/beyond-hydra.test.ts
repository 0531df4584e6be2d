import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defineApp } from "../../src/app/index.ts";
import { docBlocks, root, shellWords } from "./doc-blocks.ts";

const name = "docs/beyond-hydra.md";
const page = readFileSync(join(root, name), "utf8");
const blocks = docBlocks(name);

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "ttm-beyond-"));
  for (const { info, text } of blocks) {
    const [, path] = /^file=(\S+)$/.exec(info) ?? [];
    if (path === undefined) continue;
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function shown(words: readonly string[]): Promise<string> {
  const out: string[] = [];
  const keep = (text: string) => out.push(text);
  const app = defineApp(
    { name: "my_app", configDir: join(dir, "conf"), configName: "config", version: "1" },
    () => undefined,
  );
  await app.main(words, { cwd: dir, stdout: keep, stderr: keep });
  return out.join("");
}

/** Rows of four cells: the word, what it does, the key to look at, what is there. */
const rows = [...page.matchAll(/^\| `(.+?)` \| .* \| `([\p{L}\w.]+)` \| `(.+)` \|$/gmu)].map(
  ([, word = "", key = "", prints = ""]) => ({ word, key, prints }),
);

describe(name, () => {
  it("has rows to check", () => expect(rows.length).toBeGreaterThan(15));

  it.each(rows)("$word: $key is $prints", async ({ word, key, prints }) => {
    const words = word.startsWith("--") ? shellWords(word) : [word];
    const out = await shown([...words, "--cfg", "job", "--resolve", "--package", key]);
    const lines = out.split("\n").filter((line) => line !== "" && !line.startsWith("# @package"));
    expect(lines.join(", ")).toBe(prints);
  });

  it.each(blocks.filter(({ info }) => info.startsWith("result=")))("$info", async ({ info, text }) => {
    expect(await shown([info.slice("result=".length), "--cfg", "job"])).toBe(text);
  });

  it.each(
    blocks
      .filter(({ language }) => language === "sh")
      .flatMap(({ text }) => text.trim().split("\n"))
      .map((line) => [line, Number(/# (\d+) jobs$/.exec(line)?.[1])] as const),
  )("%s", async (line, jobs) => {
    const [, ...words] = shellWords(line);
    const added = words.map((word) => (/^[a-d]=/.test(word) ? `+${word}` : word));
    expect(await shown([...added, "--dry-run"])).toContain(`${jobs} jobs`);
  });
});
