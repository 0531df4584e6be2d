import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Composition } from "../../src/config/index.ts";
import { compose, toYaml } from "../../src/config/index.ts";
import { type Answer, answerOf } from "./answer.ts";
import type { CaseFiles } from "./case-folder.ts";
import { taggedNode } from "./tagged.ts";

export interface ComposeCase extends CaseFiles {
  readonly id: string;
  /** The config folder below the tree's root. */
  readonly dir?: string;
  readonly config: string | null;
  readonly overrides: readonly string[];
  readonly resolve?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly expect: Answer;
}

/** Our answer to a case, from a new folder with its files. */
export function answerFromFiles(item: ComposeCase): Answer {
  const root = mkdtempSync(join(tmpdir(), "ttm-conformance-"));
  try {
    writeTree(root, item.files ?? {});
    return composeAnswer(item, root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Writes files below a folder, which is made, and returns it. */
export function writeTree(root: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(root, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Our answer to a case whose files are in the folder. */
export function composeAnswer(item: ComposeCase, root: string): Answer {
  return answerOf(() => {
    const composition = compose({
      configDir: join(root, item.dir ?? ""),
      configName: item.config,
      overrides: item.overrides.map((word) => word.replaceAll("<DIR>", root)),
      cwd: root,
      env: { ...item.env },
      job: { name: "app" },
    });
    return partsOf(composition, item, root);
  });
}

/** The parts that the case was recorded with. */
function partsOf(composition: Composition, { expect, resolve }: ComposeCase, root: string): Answer {
  const config = resolve
    ? composition.interpolator("task", { keepMissing: true }).resolveTree()
    : composition.config;
  const yaml = toYaml(config).replaceAll(root, "<DIR>");
  const result: unknown = JSON.parse(JSON.stringify(taggedNode(config)).replaceAll(root, "<DIR>"));
  const parts: Record<string, () => unknown> = {
    result: () => result,
    resultSha256: () => sha256(JSON.stringify(result)),
    yaml: () => yaml,
    yamlSha256: () => sha256(yaml),
    defaults: () => composition.defaultsList.filter((item) => !isHydraOwn(item.path)).map(listed),
    choices: () => shownChoices(composition, expect["choices"]),
    hydra: () => hydraParts(composition),
  };
  return Object.fromEntries(Object.keys(expect).map((part) => [part, parts[part]?.()]));
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

function isHydraOwn(path: string): boolean {
  return path === "hydra/config" || path.startsWith("hydra/");
}

function listed(item: Composition["defaultsList"][number]) {
  const { path, isSelf, parent, overrideKey } = item;
  return { path, package: item.package, self: isSelf, parent: parent ?? "<root>", key: overrideKey };
}

/** All choices, sorted, but those of Hydra's own groups that keep their default. */
function shownChoices(composition: Composition, expected: unknown): Record<string, string | null> {
  const named = typeof expected === "object" && expected !== null ? Object.keys(expected) : [];
  const shown = [...composition.choices].filter(([key]) => !key.startsWith("hydra/") || named.includes(key));
  return Object.fromEntries(shown.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const hydraKeys = [
  "job.name",
  "job.chdir",
  "job.env_set",
  "run.dir",
  "sweep.dir",
  "output_subdir",
  "verbose",
  "mode",
  "searchpath",
];

function hydraParts(composition: Composition): Record<string, unknown> {
  return Object.fromEntries(
    hydraKeys.map((key) => {
      const node = composition.read(`hydra.${key}`);
      return [key, node === undefined ? undefined : taggedNode(node)];
    }),
  );
}
