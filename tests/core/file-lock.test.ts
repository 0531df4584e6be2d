import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isFileLock, isRunning, lockHolder, takeLock, thisProcess } from "../../src/core/index.ts";

let root: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ttm-lock-"));
  file = join(root, "lock");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A process that runs a piece of code with `takeLock` and the lock's path at hand. */
function program(code: string): readonly string[] {
  const module = new URL("../../src/core/index.ts", import.meta.url).href;
  const text = `import { takeLock, isFileLock } from ${JSON.stringify(module)}; const file = process.env.LOCK; ${code}`;
  return ["--import", "tsx", "--input-type=module", "-e", text];
}

describe("takeLock", () => {
  it("gives a lock once, says who has it, and leaves nothing behind", () => {
    const lock = takeLock(file);
    if (!isFileLock(lock)) throw new Error("not given");
    expect(takeLock(file)).toMatchObject({ pid: process.pid });
    expect(lockHolder(file)).toMatchObject({ pid: process.pid });
    lock.release();
    expect(lockHolder(file)).toBeUndefined();
    expect(readdirSync(root)).toEqual([]);
  });

  it("takes over from a process that was killed, and from a pid that is another process's now", async () => {
    const code = "takeLock(file); console.log('held'); setInterval(() => {}, 1000);";
    const holder = spawn(process.execPath, program(code), { env: { ...process.env, LOCK: file } });
    await once(holder.stdout, "data");
    expect(takeLock(file)).toMatchObject({ pid: holder.pid });
    holder.kill("SIGKILL");
    await once(holder, "exit");
    const lock = takeLock(file);
    expect(isFileLock(lock)).toBe(true);
    if (isFileLock(lock)) lock.release();
    writeFileSync(file, JSON.stringify({ ...thisProcess(), pid: process.ppid, born: "1", token: "t" }));
    expect(isFileLock(takeLock(file))).toBe(true);
  });

  it("gives a dead process's lock to one of many", async () => {
    const dead = { ...thisProcess(), pid: 2 ** 22 + 1, since: "then", token: "dead" };
    writeFileSync(file, JSON.stringify(dead));
    const code = "console.log(isFileLock(takeLock(file))); setInterval(() => {}, 1000);";
    const env = { ...process.env, LOCK: file };
    const holders = Array.from({ length: 4 }, () => spawn(process.execPath, program(code), { env }));
    const answers = await Promise.all(holders.map(({ stdout }) => once(stdout, "data")));
    for (const holder of holders) holder.kill("SIGKILL");
    await Promise.all(holders.map((holder) => once(holder, "exit")));
    expect(answers.map((answer) => String(answer).trim()).toSorted()).toEqual([
      "false",
      "false",
      "false",
      "true",
    ]);
  });

  it("respects another machine's process while it gives signs of life", () => {
    writeFileSync(file, JSON.stringify({ ...thisProcess(), kernel: "another", token: "far" }));
    expect(isFileLock(takeLock(file))).toBe(false);
    const longAgo = new Date(Date.now() - 120_000);
    utimesSync(file, longAgo, longAgo);
    expect(isFileLock(takeLock(file))).toBe(true);
  });

  it("takes a file over that was cut off, but not one that is being written", () => {
    writeFileSync(file, "");
    expect(isFileLock(takeLock(file))).toBe(false);
    writeFileSync(file, '{"pid":');
    expect(isFileLock(takeLock(file))).toBe(true);
  });

  it("does not take a lock away that somebody else has by now", () => {
    const lock = takeLock(file);
    const other = JSON.stringify({ ...thisProcess(), kernel: "another", token: "theirs" });
    writeFileSync(file, other);
    if (isFileLock(lock)) lock.release();
    expect(existsSync(file) && readFileSync(file, "utf8")).toBe(other);
  });
});

describe("isRunning", () => {
  it("knows this process, one that is gone, and says nothing of other machines", () => {
    expect(isRunning(thisProcess())).toBe(true);
    expect(isRunning({ ...thisProcess(), pid: 2 ** 22 + 1 })).toBe(false);
    expect(isRunning({ ...thisProcess(), kernel: "another" })).toBeUndefined();
  });
});
