import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defineApp } from "../../src/app/index.ts";
import { docBlocks, root, shellWords } from "./doc-blocks.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "ttm-overrides-"));
  mkdirSync(join(dir, "conf/db"), { recursive: true });
  const config = docBlocks("docs/overrides.md").find(({ info }) => info === "file=conf/config.yaml");
  writeFileSync(join(dir, "conf/config.yaml"), config?.text ?? "");
  for (const name of ["mysql", "pg"]) writeFileSync(join(dir, "conf/db", `${name}.yaml`), `host: ${name}\n`);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const page = readFileSync(join(root, "docs/overrides.md"), "utf8");
/** Rows of four cells: the word, what it does, the key to look at, what is there. */
const rows = [...page.matchAll(/^\| `(.+?)` .*\| `([\w.]+)` \| `(.+)` \|$/gm)].map(
  ([, word = "", key = "", prints = ""]) => ({ word, key, prints }),
);

async function shown(words: readonly string[]): Promise<string> {
  const out: string[] = [];
  const keep = (text: string) => out.push(text);
  const app = defineApp(
    { name: "page", configDir: join(dir, "conf"), configName: "config", version: "1" },
    () => undefined,
  );
  await app.main(words, { cwd: dir, stdout: keep, stderr: keep });
  return out.join("");
}

describe("docs/overrides.md", () => {
  it("has rows to check", () => expect(rows.length).toBeGreaterThan(15));

  it.each(rows)("$word: $key is $prints", async ({ word, key, prints }) => {
    // The words stand as the app gets them: the shell's quotes are not on the page.
    const words = word.startsWith("--") ? shellWords(word) : [word];
    const out = await shown([...words, "--cfg", "job", "--package", key]);
    const lines = out.split("\n").filter((line) => line !== "" && !line.startsWith("# @package"));
    expect(lines.join(", ")).toBe(prints);
  });
});
