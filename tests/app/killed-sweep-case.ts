import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { endsOf, killAndResume } from "./killed-sweep.ts";

export interface KilledSweepCase {
  readonly jobs: number;
  readonly kills: number;
  /** How long each job takes, in milliseconds. */
  readonly ms: number;
  readonly timeout: number;
}

/** A kill comes at most so long after the one before it, in milliseconds. */
const MOST_MS = 2000;

/** What a sweep promises, whatever is killed: every result, each once, the same best, no job beside itself. */
export function killedSweepCase({ jobs, kills, ms, timeout }: KilledSweepCase): void {
  describe.skipIf(!existsSync("/proc/self/task"))("a sweep that is killed (needs /proc)", () => {
    it(`has every result of its ${jobs} jobs exactly once after ${kills} kills`, { timeout }, async () => {
      const root = mkdtempSync(join(tmpdir(), "ttm-killed-"));
      mkdirSync(join(root, "conf"));
      writeFileSync(join(root, "conf", "config.yaml"), "x: 1\nms: 40\n");
      const words = [
        "hydra/launcher=local",
        "hydra.launcher.n_jobs=2",
        // No job is lost more often than something is killed.
        `hydra.launcher.lost_retries=${kills}`,
        "+hydra.sweeper.direction=minimize",
        `x=range(0,${jobs})`,
        `ms=${ms}`,
      ];
      const random = Random.fromSeed(7);
      const killed = await killAndResume({ root, words, kills, random, most: MOST_MS });
      expect(killed.exitCode).toBe(0);
      expect(killed.driver + killed.worker).toBeGreaterThanOrEqual(kills);
      const results = Array.from({ length: jobs }, (_, x) => (x - 7) ** 2);
      const expected = results.map((result, x) => [x, [result]]);
      expect([...endsOf(root)].toSorted(([a], [b]) => a - b)).toEqual(expected);
      expect(existsSync(join(root, "s", "violations.log"))).toBe(false);
      const ended = readFileSync(join(root, "s", "ends.log"), "utf8")
        .trimEnd()
        .split("\n")
        .map(Number);
      expect(ended).toHaveLength(new Set(ended).size);
      // A worker may be killed after the outcome and before the line.
      expect(ended.length).toBeGreaterThanOrEqual(jobs - killed.worker - 2 * killed.driver);
      const summary = JSON.parse(readFileSync(join(root, "s", "sweep.json"), "utf8"));
      expect(summary).toMatchObject({ status: "completed", total: jobs });
      expect(summary.jobs.map(({ result }: { result: number }) => result)).toEqual(results);
      rmSync(root, { recursive: true, force: true });
    });
  });
}
