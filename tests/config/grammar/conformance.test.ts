import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type OverrideCase, replayOverrides } from "../../../scripts/conformance/overrides.ts";

const shared = process.env["TTM_SHARED"] ?? fileURLToPath(new URL("../../../../shared", import.meta.url));
const corpora = ["hydra", "hydra-upstream"].map((name) => `${shared}/conformance/${name}/overrides.json`);

describe.each(corpora)("%s", (file) => {
  const missing = !existsSync(file);
  it.skipIf(missing)(`answers as Hydra does${missing ? " (skipped: the corpus is not there)" : ""}`, () => {
    const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: OverrideCase[] };
    const results = [...replayOverrides(cases)];
    expect(results).toHaveLength(cases.length);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.filter(({ skipped }) => skipped !== undefined).length).toBeLessThan(cases.length / 20);
  });
});
