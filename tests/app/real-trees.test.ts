import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const shared = process.env["TTM_SHARED"] ?? join(import.meta.dirname, "../../../shared");
const corpora = join(shared, "conformance/hydra-real");
const program = join(import.meta.dirname, "real-tree-app.ts");

interface Corpus {
  readonly trees: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly cases: readonly {
    readonly config: string;
    readonly overrides: readonly string[];
    readonly expect: { readonly yaml?: string };
  }[];
}

/** A project's tree, what to run on it, and a target that must then be in the config. */
const projects = [
  {
    name: "lightning-template",
    config: "train",
    words: ["trainer=cpu", "logger=csv"],
    target: "lightning.pytorch.loggers.csv_logs.CSVLogger",
  },
  {
    name: "mbrl-lib",
    config: "main",
    words: ["algorithm=mbpo", "overrides=mbpo_cartpole"],
    target: "mbrl.planning.CEMOptimizer",
  },
  {
    name: "topobench",
    config: "run",
    words: ["transforms=no_transform", "trainer=default"],
    target: "lightning.pytorch.trainer.Trainer",
  },
] as const;

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "ttm-real-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function unpack(name: string): { conf: string; corpus: Corpus } {
  const corpus = JSON.parse(readFileSync(join(corpora, `${name}.json`), "utf8")) as Corpus;
  const conf = join(root, name);
  for (const [path, text] of Object.entries(corpus.trees[name] ?? {})) {
    mkdirSync(dirname(join(conf, path)), { recursive: true });
    writeFileSync(join(conf, path), text);
  }
  return { conf, corpus };
}

function run(words: readonly string[], cwd: string) {
  const env = { ...process.env, PROJECT_ROOT: cwd };
  const tsx = join(import.meta.dirname, "../../node_modules/tsx/dist/loader.mjs");
  return spawnSync(process.execPath, ["--import", tsx, program, ...words], { cwd, env, encoding: "utf8" });
}

describe.skipIf(!existsSync(corpora))(
  "other people's conf trees, unmodified (needs the shared folder)",
  () => {
    it.each(projects)("$name runs from the command line", ({ name, config, words, target }) => {
      const { conf } = unpack(name);
      const done = run([conf, config, ...words, "hydra.run.dir=run"], conf);
      expect(done.stderr).toBe("");
      expect(done.stdout.split("\n")).toContain(target);
      expect(readFileSync(join(conf, "run/.hydra/overrides.yaml"), "utf8")).toBe(
        words.map((word) => `- ${word}\n`).join(""),
      );
      const again = run([conf, config, "rerun", "run", "--cfg", "job"], conf);
      expect(again.stdout, again.stderr).toBe(readFileSync(join(conf, "run/.hydra/config.yaml"), "utf8"));
    });

    it.each(projects)("$name saves what Hydra composes", ({ name, config }) => {
      const { conf, corpus } = unpack(name);
      const item = corpus.cases.find((one) => one.config === config && one.expect.yaml !== undefined);
      const done = run([conf, config, ...(item?.overrides ?? []), "--cfg", "job"], conf);
      expect(done.stdout).toBe(item?.expect.yaml);
    });
  },
);
