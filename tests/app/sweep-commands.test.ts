import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Fixture } from "./app-fixture.ts";
import { fixture } from "./app-fixture.ts";

describe("sweep status and export", () => {
  let app: Fixture;
  beforeEach(async () => {
    app = fixture(({ seed }) => {
      if (seed === 3) throw new Error("three is bad");
      return { loss: (seed - 2) ** 2, note: 'a "b", c' };
    });
    await app.run(["-m", "seed=1,2,3", "hydra.sweeper.metric=loss", "hydra.sweep.dir=s"]);
  });
  afterEach(() => app.remove());

  it("says how far a sweep is, which job is the best, and what to type next", async () => {
    expect(await app.run(["sweep", "status", "s"])).toMatchObject({
      exit: 0,
      stdout: [
        "sweep   s",
        "state   failed",
        "jobs    3 of 3 jobs have ended: 2 completed, 1 failed",
        "best    #1  0  seed=2",
        "next    app rerun s/1",
        "",
      ].join("\n"),
    });
  });

  it("says the same to a program", async () => {
    const { stdout } = await app.run(["sweep", "status", "s", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      dir: join(app.root, "s"),
      state: "failed",
      process: null,
      total: 3,
      completed: 2,
      failed: 1,
      running: [],
      best: { num: 1, value: 0, overrides: ["seed=2"] },
    });
  });

  it("sees that a sweep's process is gone", async () => {
    const log = app.read("s/sweep.jsonl").split("\n");
    writeFileSync(
      join(app.root, "s/sweep.jsonl"),
      log.filter((line) => !/"ended","num":2|closed/.test(line)).join("\n"),
    );
    const { stdout } = await app.run(["sweep", "status", "s"]);
    expect(stdout).toMatch(/state {3}broken off[\s\S]*open {4}#2 {2}seed=3[\s\S]*next {4}app sweep resume s/);
  });

  it("writes the jobs as a table for other programs", async () => {
    await app.run(["sweep", "export", "s", "--csv", "jobs.csv"]);
    expect(app.read("jobs.csv")).toBe(
      'num,status,seed,loss,note\r\n0,completed,1,1,"a ""b"", c"\r\n1,completed,2,0,"a ""b"", c"\r\n2,failed,3,,\r\n',
    );
  });

  it("does not cancel what has ended", async () => {
    expect(await app.run(["sweep", "cancel", "s"])).toMatchObject({
      exit: 1,
      stderr: "the sweep has ended already (failed)\n",
    });
  });

  it.each([
    [["sweep"], 2, /APP_COMMAND_USAGE[\s\S]*sweep status\|follow\|cancel\|resume\|export DIR/],
    [["sweep", "statis", "s"], 2, /did you mean 'status'\?/],
    [["sweep", "status"], 2, /app sweep status DIR \[--json\]/],
    [["sweep", "status", "s", "more"], 2, /APP_COMMAND_USAGE/],
    [["sweep", "follow", "conf"], 1, /LAUNCH_NO_SWEEP/],
    [["sweep", "export", "s", "--xml", "f"], 2, /app sweep export DIR \[--csv FILE\]/],
  ])("%j is refused", async (words, exit, stderr) => {
    expect(await app.run(words)).toMatchObject({ exit, stderr: expect.stringMatching(stderr) });
  });
});

describe("a detached sweep", () => {
  const program = fileURLToPath(new URL("./sweep-app.ts", import.meta.url));
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "ttm-detached-"));
    mkdirSync(join(root, "conf"));
    writeFileSync(join(root, "conf", "config.yaml"), "x: 1\nms: 40\n");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

  async function run(...words: string[]) {
    const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), program, ...words], {
      cwd: root,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += String(chunk);
      });
    }
    const [code] = await once(child, "exit");
    return { code, output };
  }

  it("goes on by itself, and is followed to its end", async () => {
    const begun = await run("-m", "--detach", "x=range(0,6)", "ms=400", "hydra.sweep.dir=s");
    expect(begun.code, begun.output).toBe(0);
    expect(begun.output).toMatch(/sweep {3}s {3}\(process \d+\)\nfollow {2}app sweep follow s\n/);
    const followed = await run("sweep", "follow", "s");
    expect(followed.output).toContain("5  5  completed  4");
    expect([followed.code, followed.output]).toEqual([
      0,
      expect.stringContaining("the sweep is completed\n"),
    ]);
    expect(readFileSync(join(root, "s", "driver.log"), "utf8")).toContain("#5  x=5");
  });

  it("is cancelled by another process", async () => {
    await run("-m", "--detach", "x=range(0,4)", "ms=20000", "hydra.sweep.dir=s");
    const cancelled = await run("sweep", "cancel", "s");
    expect(cancelled, readFileSync(join(root, "s", "driver.log"), "utf8")).toMatchObject({ code: 0 });
    expect((await run("sweep", "status", "s")).output).toContain("state   cancelled\n");
    expect(existsSync(join(root, "s", ".run.lock"))).toBe(false);
  });

  it("says that it did not begin, also where the sweep has been begun before", async () => {
    await run("-m", "x=0,1", "ms=4", "hydra.sweep.dir=s");
    const begun = await run("-m", "--detach", "--resume", "s", "x=5,6");
    expect(begun.code, begun.output).toBe(1);
    expect(begun.output).toMatch(/LAUNCH_WORKER[\s\S]*LAUNCH_OTHER_SWEEP/);
  });

  it("says at once what is wrong with the words", async () => {
    const { code, output } = await run("-m", "--detach", "x=a,b", "hydra.sweep.dir=s");
    expect([code, output]).toEqual([1, expect.stringContaining("CONFIG_INVALID_VALUE")]);
    expect(existsSync(join(root, "s"))).toBe(false);
  });
});
