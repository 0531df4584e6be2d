import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { matchTargets, parseLoraConfig, resolveScale } from "../../src/lora/index.ts";

interface Row {
  readonly config: Record<string, unknown>;
  /** Module → rank and alpha, as PEFT has them. */
  readonly matched: Record<string, [rank: number, alpha: number]>;
}

const text = readFileSync(join(import.meta.dirname, "data/matching.json"), "utf8");
const table = JSON.parse(text) as { modules: string[]; r: number; lora_alpha: number; rows: Row[] };

describe("matching, as PEFT 0.21 does it", () => {
  it.each(table.rows.map((row) => ({ id: JSON.stringify(row.config), ...row })))(
    "$id",
    ({ config, matched }) => {
      const parsed = parseLoraConfig({ r: table.r, lora_alpha: table.lora_alpha, ...config });
      const got = matchTargets(table.modules, parsed).map((path) => {
        const { rank, alpha } = resolveScale(path, parsed);
        return [path, [rank, alpha]] as const;
      });
      expect(Object.fromEntries(got)).toEqual(matched);
    },
  );
});

describe("the factor", () => {
  const config = parseLoraConfig({
    r: 4,
    lora_alpha: 8,
    rank_pattern: { fc1: 16 },
    alpha_pattern: { fc2: 3 },
  });

  it.each([
    ["x.fc1", false, 0.5],
    ["x.fc2", false, 0.75],
    ["x.fc3", false, 2],
    ["x.fc1", true, 2],
    ["x.fc2", true, 1.5],
    ["x.fc3", true, 4],
  ])("of %s with use_rslora=%s is %f", (path, use_rslora, scale) => {
    expect(resolveScale(path, { ...config, use_rslora }).scale).toBe(scale);
  });
});
