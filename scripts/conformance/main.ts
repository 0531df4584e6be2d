import { readFileSync } from "node:fs";
import { type CliCorpus, replayCli } from "./cli.ts";
import { type ComposeCorpus, replayCompose } from "./compose.ts";
import { type InterpolationCase, replayInterpolation } from "./interpolation.ts";
import { type OverrideCase, replayOverrides } from "./overrides.ts";
import type { ReplayResult } from "./replay.ts";
import { replaySweep, type SweepCorpus } from "./sweep.ts";
import { replayYaml, type YamlCase } from "./yaml.ts";

type Replay = Iterable<ReplayResult> | AsyncIterable<ReplayResult>;

const LONGEST_SHOWN = 600;

/** One row for each kind of corpus. The kind stands in the file; its fields are the format's. */
const kinds: Readonly<Record<string, (corpus: never) => Replay>> = {
  overrides: (corpus: { readonly cases: readonly OverrideCase[] }) => replayOverrides(corpus.cases),
  yaml: (corpus: { readonly cases: readonly YamlCase[] }) => replayYaml(corpus),
  interpolation: (corpus: { readonly cases: readonly InterpolationCase[] }) => replayInterpolation(corpus),
  compose: (corpus: ComposeCorpus) => replayCompose(corpus),
  sweep: (corpus: SweepCorpus) => replaySweep(corpus),
  cli: (corpus: CliCorpus) => replayCli(corpus),
};

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Replays the corpora named on the command line: a line for each failing case, and the sums last. */
async function main(files: readonly string[]): Promise<number> {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  if (files.length === 0) {
    console.error("usage: npm run conformance -- FILE…");
    return 2;
  }
  for (const file of files) await replayFile(file, tally);
  const { passed, failed, skipped } = tally;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed > 0 ? 1 : 0;
}

async function replayFile(file: string, tally: Tally): Promise<void> {
  const corpus: { kind?: unknown } = JSON.parse(readFileSync(file, "utf8"));
  const kind = String(corpus.kind);
  const replay = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (replay === undefined) {
    console.log(`FAIL ${file}: expected one of the kinds ${Object.keys(kinds).join(", ")}, got ${kind}`);
    tally.failed++;
    return;
  }
  for await (const result of replay(corpus as never)) report(result, tally);
}

function report(result: ReplayResult, tally: Tally): void {
  if (result.skipped !== undefined) tally.skipped++;
  else if (result.ok) tally.passed++;
  else {
    tally.failed++;
    console.log(`FAIL ${result.id}: expected ${brief(result.expected)}, got ${brief(result.got)}`);
  }
}

function brief(text = ""): string {
  const line = text.replaceAll("\n", "\\n");
  return line.length <= LONGEST_SHOWN ? line : `${line.slice(0, LONGEST_SHOWN)}…`;
}

process.exitCode = await main(process.argv.slice(2));
