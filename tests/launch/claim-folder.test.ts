import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimFolder } from "../../src/launch/claim-folder.ts";
import { LaunchError } from "../../src/launch/errors.ts";
import { lockFolder } from "../../src/launch/lock-folder.ts";
import { openOutputFolder } from "../../src/launch/output-folder.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ttm-claim-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("claimFolder", () => {
  it("gives the second -1, the third -2", () => {
    const path = join(root, "a", "b");
    expect([claimFolder(path), claimFolder(path), claimFolder(path)]).toEqual([
      path,
      `${path}-1`,
      `${path}-2`,
    ]);
  });

  it("gives every one of many processes its own", async () => {
    const module = new URL("../../src/launch/claim-folder.ts", import.meta.url).href;
    const code = `import { claimFolder } from ${JSON.stringify(module)}; for (let i = 0; i < 20; i++) console.log(claimFolder(process.env.CLAIM));`;
    const claim = () =>
      promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], {
        env: { ...process.env, CLAIM: join(root, "run") },
      });
    const outputs = await Promise.all([claim(), claim(), claim()]);
    const claimed = outputs.flatMap(({ stdout }) => stdout.trim().split("\n"));
    expect(claimed).toHaveLength(60);
    expect(new Set(claimed).size).toBe(60);
    expect(readdirSync(root)).toHaveLength(60);
  });

  it("says what is wrong where it cannot", () => {
    writeFileSync(join(root, "file"), "");
    expect(() => claimFolder(join(root, "file", "x"))).toThrow(
      expect.objectContaining({ code: "LAUNCH_FOLDER", fix: expect.stringContaining("a file") }),
    );
    expect(() => claimFolder(join(root, "x".repeat(300)))).toThrow(/ENAMETOOLONG/);
  });
});

describe("lockFolder", () => {
  it("makes the folder, keeps others out while it is held, and gives it back", () => {
    const path = join(root, "named");
    const release = lockFolder(path);
    expect(() => lockFolder(path)).toThrow(expect.objectContaining({ code: "LAUNCH_FOLDER_IN_USE" }));
    release();
    expect(readdirSync(path)).toEqual([]);
    lockFolder(path)();
  });

  it("takes over from a process that is gone, or from a lock that was cut off", async () => {
    const { pid } = await promisify(execFile)(process.execPath, ["-p", "process.pid"]).then(({ stdout }) => ({
      pid: Number(stdout),
    }));
    const { thisProcess } = await import("../../src/core/index.ts");
    mkdirSync(join(root, "old"));
    const dead = { ...thisProcess(), pid, born: "1", since: "then", token: "t" };
    writeFileSync(join(root, "old", ".run.lock"), JSON.stringify(dead));
    lockFolder(join(root, "old"))();
    // A pid that is used again is another process.
    writeFileSync(join(root, "old", ".run.lock"), JSON.stringify({ ...dead, pid: process.ppid }));
    lockFolder(join(root, "old"))();
    writeFileSync(join(root, "old", ".run.lock"), '{"pid":');
    lockFolder(join(root, "old"))();
    expect(existsSync(join(root, "old", ".run.lock"))).toBe(false);
  });

  it("respects a process on another machine", () => {
    mkdirSync(join(root, "far"));
    writeFileSync(
      join(root, "far", ".run.lock"),
      JSON.stringify({ pid: 1, host: "elsewhere", since: "then", kernel: "another" }),
    );
    expect(() => lockFolder(join(root, "far"))).toThrow(LaunchError);
  });
});

describe("openOutputFolder", () => {
  it("makes a new folder where the clock names it", () => {
    const path = join(root, "10-00-00");
    expect(openOutputFolder({ path, isClocked: true })).toMatchObject({ dir: path, isNew: true });
    expect(openOutputFolder({ path, isClocked: true })).toMatchObject({ dir: `${path}-1`, isNew: true });
  });

  it("uses a folder again that the user named", () => {
    const path = join(root, "mine");
    openOutputFolder({ path, isClocked: false }).release();
    expect(openOutputFolder({ path, isClocked: false })).toMatchObject({ dir: path, isNew: false });
  });
});
