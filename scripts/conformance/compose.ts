import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalAnswer } from "./answer.ts";
import type { Trees } from "./case-folder.ts";
import { type ComposeCase, composeAnswer, writeTree } from "./compose-answer.ts";
import { composeDivergences } from "./compose-divergences.ts";
import type { ReplayResult } from "./replay.ts";
import { judge } from "./replay.ts";

export interface ComposeCorpus {
  readonly trees?: Trees;
  readonly cases: readonly ComposeCase[];
}

/** Composes each case from a folder with its files. A named tree is written once. */
export function* replayCompose(corpus: ComposeCorpus): Iterable<ReplayResult> {
  const base = mkdtempSync(join(tmpdir(), "ttm-conformance-"));
  try {
    const trees = new Map<string, string>();
    for (const [index, bare] of corpus.cases.entries()) {
      const files = bare.files ?? corpus.trees?.[bare.tree ?? ""] ?? {};
      const name = bare.files === undefined ? `tree-${bare.tree}` : `case-${index}`;
      const dir = trees.get(name) ?? writeTree(join(base, name), files);
      trees.set(name, dir);
      const item = { ...bare, files };
      yield judge(item, composeAnswer(item, dir), composeDivergences, canonicalAnswer);
      if (bare.files !== undefined) rmSync(dir, { recursive: true });
    }
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}
