import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const repository = join(import.meta.dirname, "../..");
let bin: string;

/** `shop`, a program on the PATH with a config of its own. Its answers come from real processes. */
beforeAll(() => {
  bin = mkdtempSync(join(tmpdir(), "ttm-shells-"));
  const files = {
    "conf/config.yaml": "defaults: [db: mysql, _self_]\ntraining: {rate: 0.1, rounds: 3}\n",
    "conf/db/mysql.yaml": "host: a\n",
    "conf/db/pg.yaml": "host: b\n",
    "shop.mts": `import { defineApp } from ${JSON.stringify(join(repository, "src/app/index.ts"))};
const configStore = { "cache/disk": { mb: 1 }, "cache/ram": { mb: 2 } };
const app = defineApp({ name: "shop", configDir: import.meta.dirname + "/conf", configName: "config", version: "1", configStore }, () => {
  throw new Error("completion must not run the task");
});
process.exitCode = await app.main(process.argv.slice(2));
`,
    shop: `#!/bin/sh\nexec ${process.execPath} --import ${join(repository, "node_modules/tsx/dist/loader.mjs")} ${bin}/shop.mts "$@"\n`,
  };
  mkdirSync(join(bin, "conf/db"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(bin, name), text);
  chmodSync(join(bin, "shop"), 0o755);
});
afterAll(() => rmSync(bin, { recursive: true, force: true }));

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ["-c", "true"]).status === 0;
}

function inShell(shell: string, words: readonly string[], script: string): string {
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, HOME: bin };
  return execFileSync(shell, [...words, script], { env, cwd: bin, encoding: "utf8", timeout: 40_000 });
}

const cases = [
  ["shop db=", ["db=mysql", "db=pg"]],
  ["shop db=pg training.r", ["training.rate=", "training.rounds="]],
  ["shop +cache=", ["+cache=disk", "+cache=ram"]],
  ["shop rer", ["rerun"]],
  ["shop --mult", ["--multirun"]],
] as const;

describe("shell completion", () => {
  it.skipIf(!isInstalled("bash")).each(cases)("bash (needs bash): %s", (line, expected) => {
    const script = `eval "$(shop --shell-completion install=bash)"
      complete -p shop > /dev/null || exit 1
      COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; _shop_completion; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(inShell("bash", ["--norc", "-c"], script).trim().split("\n")).toEqual(expected);
  });

  it.skipIf(!isInstalled("fish")).each(cases)("fish (needs fish): %s", (line, expected) => {
    const script = `shop --shell-completion install=fish | source; complete -C '${line}'`;
    expect(inShell("fish", ["--no-config", "-c"], script).trim().split("\n")).toEqual(expected);
  });

  it.skipIf(!isInstalled("zsh")).each(cases)("zsh (needs zsh): %s", (line, expected) => {
    // The line editor's own builtins work at a terminal only; what the script asks and offers is seen without.
    const script = `compdef() { [[ $2 == shop ]] || exit 1 }
      compadd() { print -l -- "\${(P@)@[-1]}" }
      eval "$(shop --shell-completion install=zsh)"
      LBUFFER='${line}'; _shop_completion`;
    expect(inShell("zsh", ["-f", "-c"], script).trim().split("\n")).toEqual(expected);
  });
});
