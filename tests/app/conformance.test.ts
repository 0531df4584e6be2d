import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { replayCli } from "../../scripts/conformance/cli.ts";
import type { ReplayResult } from "../../scripts/conformance/replay.ts";
import { replaySweep } from "../../scripts/conformance/sweep.ts";

const shared = process.env["TTM_SHARED"] ?? resolve(import.meta.dirname, "../../../shared");

async function failures(results: AsyncIterable<ReplayResult>): Promise<string[]> {
  const failed: string[] = [];
  for await (const { id, ok, expected, got } of results)
    if (!ok) failed.push(`${id}: expected ${expected}, got ${got}`);
  return failed;
}

describe("what Hydra answered", () => {
  for (const [file, replay] of [
    ["hydra/cli.json", replayCli],
    ["hydra-upstream/cli.json", replayCli],
    ["hydra/sweep.json", replaySweep],
  ] as const) {
    const path = resolve(shared, "conformance", file);
    const reason = existsSync(path) ? "" : " (skipped: the shared corpora are not here)";
    it.skipIf(reason !== "")(
      `${file}${reason}`,
      async () => {
        expect(await failures(replay(JSON.parse(readFileSync(path, "utf8"))))).toEqual([]);
      },
      300_000,
    );
  }
});
