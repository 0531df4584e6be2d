import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { replayCompose } from "../../scripts/conformance/compose.ts";
import { replayInterpolation } from "../../scripts/conformance/interpolation.ts";
import type { ReplayResult } from "../../scripts/conformance/replay.ts";
import { replayYaml } from "../../scripts/conformance/yaml.ts";

const kinds: Readonly<Record<string, (corpus: never) => Iterable<ReplayResult>>> = {
  yaml: replayYaml,
  interpolation: replayInterpolation,
  compose: replayCompose,
};

function replayFile(file: string): ReplayResult[] {
  const corpus = JSON.parse(readFileSync(file, "utf8")) as { kind: string };
  return [...(kinds[corpus.kind]?.(corpus as never) ?? [])];
}

// A part of the recorded answers of Hydra 1.3.8 and OmegaConf 2.3.1, so that a fresh machine can check itself.
describe.each(Object.keys(kinds))("the sample of %s.json", (kind) => {
  it("is answered as Hydra answers", () => {
    const results = replayFile(fileURLToPath(new URL(`data/${kind}.json`, import.meta.url)));
    expect(results.length).toBeGreaterThan(50);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
  });
});

const shared = process.env["TTM_SHARED"] ?? fileURLToPath(new URL("../../../shared", import.meta.url));
const folder = `${shared}/conformance`;
const missing = !existsSync(folder);
const corpora = missing
  ? ["conformance"]
  : [
      ...Object.keys(kinds).map((kind) => `hydra/${kind}.json`),
      "hydra-upstream/compose.json",
      ...readdirSync(`${folder}/hydra-real`)
        .filter((name) => name.endsWith(".json"))
        .map((name) => `hydra-real/${name}`),
    ];

describe.each(corpora)("%s", (name) => {
  it.skipIf(missing)(
    `is answered as Hydra answers${missing ? " (skipped: ../shared is not there)" : ""}`,
    () => {
      const results = replayFile(`${folder}/${name}`);
      expect(results.length).toBeGreaterThan(0);
      expect(results.filter(({ ok }) => !ok)).toEqual([]);
      expect(results.filter(({ skipped }) => skipped !== undefined).length).toBeLessThan(
        Math.max(5, results.length / 20),
      );
    },
  );
});
