import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("./signal-app.ts", import.meta.url));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ttm-signals-"));
  mkdirSync(join(root, "conf"));
  writeFileSync(join(root, "conf", "config.yaml"), "x: 1\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Starts the app, sends the signals one by one once a job has started, and waits for the end. */
async function interrupted(argv: readonly string[], signals: readonly NodeJS.Signals[]) {
  const tsx = import.meta.resolve("tsx");
  const child = spawn(process.execPath, ["--import", tsx, program, ...argv], { cwd: root });
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
  });
  const pending = [...signals];
  child.stdout.on("data", (chunk) => {
    stdout += String(chunk);
    const next = /started|tidy/.test(String(chunk)) ? pending.shift() : undefined;
    if (next !== undefined) child.kill(next);
    if (pending.length > 0) setTimeout(() => child.kill(pending.shift()), 300);
  });
  const [code, signal] = await once(child, "exit");
  return { code, signal, stdout, stderr };
}

describe("signals", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "%s stops a run in good order, with exit code 130",
    async (name) => {
      const { code, stdout, stderr } = await interrupted(["hydra.run.dir=out"], [name]);
      expect([code, stdout]).toEqual([130, "started null\ntidy null\n"]);
      expect(stderr).toContain("LAUNCH_INTERRUPTED");
      expect(existsSync(join(root, "out", ".run.lock"))).toBe(false);
    },
  );

  it("SIGINT stops a sweep: the rest is not run, and sweep.json says so", async () => {
    const { code, stdout } = await interrupted(["-m", "x=1,2,3", "hydra.sweep.dir=s"], ["SIGINT"]);
    expect([code, stdout]).toEqual([130, "started 0\ntidy 0\n"]);
    const summary = JSON.parse(readFileSync(join(root, "s", "sweep.json"), "utf8"));
    expect(summary).toMatchObject({
      status: "interrupted",
      total: 3,
      jobs: [
        { num: 0, status: "interrupted" },
        { num: 1, status: "not_run", overrides: ["x=2"], dir: null },
        { num: 2, status: "not_run", overrides: ["x=3"] },
      ],
    });
    expect(summary.ended_at).not.toBeNull();
  });

  it("a second signal ends a task that does not listen", async () => {
    const { code, stdout } = await interrupted(["+deaf=true"], ["SIGINT", "SIGINT"]);
    expect([code, stdout]).toEqual([130, "started null\n"]);
  });
});
