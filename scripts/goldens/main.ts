import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { replayAdapter } from "./adapter.ts";
import type { ReplayResult } from "./case.ts";
import { replayCurve } from "./curve.ts";
import { isFamily } from "./families.ts";
import { replayForward } from "./forward.ts";
import { replayGradients } from "./gradients.ts";
import { replayMetrics } from "./metrics.ts";
import { replayOnnx } from "./onnx.ts";
import { replayPreprocess } from "./preprocess.ts";
import { replaySweepFile, sweepFiles } from "./sweep.ts";
import { replayZeroShot } from "./zero-shot.ts";

/** What replays each kind of case. */
const replays: Readonly<Record<string, (folder: string) => Promise<ReplayResult>>> = {
  adapter: replayAdapter,
  curve: replayCurve,
  forward: replayForward,
  gradients: replayGradients,
  metrics: replayMetrics,
  onnx: replayOnnx,
  preprocess: replayPreprocess,
  "zero-shot": replayZeroShot,
};

interface CaseHead {
  readonly id: string;
  readonly kind: string;
  readonly family?: string;
  readonly optional?: boolean;
}

/** A folder of cases, or one case. */
function caseFolders(path: string): string[] {
  const folder = resolve(path);
  if (existsSync(join(folder, "case.json"))) return [folder];
  if (!existsSync(folder)) throw new Error(`there is no folder ${path}`);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "case.json")))
    .map((entry) => join(folder, entry.name))
    .sort();
}

async function replayCase(folder: string, head: CaseHead): Promise<ReplayResult> {
  const run = replays[head.kind];
  if (!run) return { ok: false, message: `expected a replay, got none for the kind '${head.kind}'` };
  if (head.family && !isFamily(head.family)) {
    return { ok: false, message: `expected a model, got none for the family '${head.family}'` };
  }
  return run(folder);
}

/** What a path names: folders with a case, or files of exact answers for the sweepers. */
async function replayPath(path: string, count: (id: string, result: ReplayResult) => void): Promise<void> {
  const file = resolve(path);
  const files = path.endsWith(".json") ? [file] : existsSync(file) ? sweepFiles(file) : [];
  const isCase = existsSync(join(file, "case.json"));
  for (const { id, ...result } of isCase ? [] : files.flatMap(replaySweepFile)) count(id, result);
  for (const folder of path.endsWith(".json") ? [] : caseFolders(path)) {
    const head = JSON.parse(readFileSync(join(folder, "case.json"), "utf8")) as CaseHead;
    const result = await replayCase(folder, head);
    const mayFail = head.optional === true && !result.ok;
    count(head.id ?? basename(folder), mayFail ? { ...result, skipped: true } : result);
  }
}

async function main(paths: readonly string[]): Promise<number> {
  if (paths.length === 0) {
    process.stderr.write(
      "usage: npm run goldens -- FOLDER…   (a case, a folder of cases, or of the sweepers' answers)\n",
    );
    return 2;
  }
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const count = (id: string, { ok, skipped, message }: ReplayResult) => {
    if (skipped) {
      counts.skipped++;
      process.stdout.write(`SKIP ${id}: optional; ${message}\n`);
    } else if (ok) counts.passed++;
    else {
      counts.failed++;
      process.stdout.write(`FAIL ${id}: ${message}\n`);
    }
  };
  for (const path of paths) await replayPath(path, count);
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
  return counts.failed > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
