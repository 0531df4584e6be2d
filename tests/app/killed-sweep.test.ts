import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { endsOf, killAndResume } from "./killed-sweep.ts";

const isLarge = process.env["TTM_LARGE_SWEEP"] === "1";
const { jobs, kills, most } = isLarge
  ? { jobs: 200, kills: 30, most: 3000 }
  : { jobs: 24, kills: 5, most: 3000 };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ttm-killed-"));
  mkdirSync(join(root, "conf"));
  writeFileSync(join(root, "conf", "config.yaml"), "x: 1\nms: 40\n");
});
afterEach(() => {
  if (process.env["TTM_KEEP"] === undefined) rmSync(root, { recursive: true, force: true });
});

describe.skipIf(!existsSync("/proc/self/task"))("a sweep that is killed", () => {
  it(`has every result of its ${jobs} jobs exactly once`, async () => {
    const words = [
      "hydra/launcher=local",
      "hydra.launcher.n_jobs=2",
      "hydra.launcher.lost_retries=20",
      `x=range(0,${jobs})`,
      `ms=${isLarge ? 150 : 250}`,
    ];
    const random = Random.fromSeed(Number(process.env["TTM_SEED"] ?? 7));
    const killed = await killAndResume({ root, words, kills, random, most });
    expect(killed.exitCode).toBe(0);
    expect(killed.driver + killed.worker).toBeGreaterThan(kills / 2);
    const ends = endsOf(root);
    const results = Array.from({ length: jobs }, (_, x) => (x - 7) ** 2);
    const expected = results.map((result, x) => [x, [result]]);
    expect([...ends].toSorted(([a], [b]) => a - b)).toEqual(expected);
    expect(existsSync(join(root, "s", "violations.log"))).toBe(false);
    const summary = JSON.parse(readFileSync(join(root, "s", "sweep.json"), "utf8"));
    expect(summary).toMatchObject({ status: "completed", total: jobs });
    expect(summary.jobs.map(({ result }: { result: number }) => result)).toEqual(results);
  }, 300_000);
});
