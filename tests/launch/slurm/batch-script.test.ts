import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BatchScriptParts, batchScript, shellQuote } from "../../../src/launch/slurm/batch-script.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ttm batch 'script' "));
  // In the place of Slurm, which ends a task that it requeues.
  writeFileSync(
    join(folder, "scontrol"),
    `#!/bin/bash\necho "$@" >> '${quoted("asked")}'\nkill -KILL $PPID\n`,
  );
  chmodSync(join(folder, "scontrol"), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const quoted = (name: string) => join(folder, name).replaceAll("'", "'\\''");

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
}

/** Runs the script as a task; `onReady` is called with the shell once the job has printed "ready". */
async function runTask(
  job: string,
  parts: Partial<BatchScriptParts> = {},
  onReady: (kill: (name: NodeJS.Signals) => void) => void = () => {},
): Promise<Ended> {
  const file = join(folder, "job.mjs");
  writeFileSync(file, job);
  const command = [process.execPath, file, "--run-jobs", join(folder, "jobs.txt")];
  const script = join(folder, "script.sh");
  writeFileSync(script, batchScript({ cwd: folder, setup: [], command, folder, maxTimeouts: 1, ...parts }));
  const path = `${folder}:${process.env["PATH"]}`;
  const env = { ...process.env, PATH: path, SLURM_ARRAY_JOB_ID: "7", SLURM_ARRAY_TASK_ID: "3" };
  const child = spawn("bash", [script], { env, stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    if (line === "ready") onReady((name) => child.kill(name));
  });
  return new Promise((done) => child.on("close", (code, signal) => done({ code, signal, lines })));
}

/** Says "ready", and ends with the code that a signal stands for some time after it came. */
const patient = `
for (const [name, code] of [["SIGTERM", 143], ["SIGUSR2", 140]])
  process.on(name, () => setTimeout(() => { console.log("saved on " + name); process.exit(code); }, 50));
setInterval(() => {}, 1000);
console.log("ready");`;

describe("batchScript", () => {
  it("runs the job in the launcher's folder after the setup, with its own exit code", async () => {
    const job = `console.log(process.cwd(), process.env.FROM_SETUP, process.argv.slice(2).join(" ")); process.exit(3);`;
    const ended = await runTask(job, { setup: ["export FROM_SETUP='as asked'"] });
    expect(ended).toEqual({
      code: 3,
      signal: null,
      lines: [`${folder} as asked --run-jobs ${folder}/jobs.txt`],
    });
  });

  it("passes a termination on and waits for the job's end", async () => {
    const ended = await runTask(patient, {}, (kill) => kill("SIGTERM"));
    expect(ended).toEqual({ code: 143, signal: null, lines: ["ready", "saved on SIGTERM"] });
    expect(existsSync(join(folder, "asked"))).toBe(false);
  });

  it("is queued again after the warning before the time limit", async () => {
    const ended = await runTask(patient, {}, (kill) => kill("SIGUSR2"));
    expect(ended.lines).toEqual(["ready", "saved on SIGUSR2"]);
    expect(ended.signal).toBe("SIGKILL");
    expect(readFileSync(join(folder, "asked"), "utf8")).toBe("requeue 7_3\n");
  });

  it("is queued again where the warning came before the job could listen", async () => {
    const deaf = "setInterval(() => {}, 1000); console.log('ready');";
    await runTask(deaf, {}, (kill) => kill("SIGUSR2"));
    expect(readFileSync(join(folder, "asked"), "utf8")).toBe("requeue 7_3\n");
  });

  it("is not queued again more often than allowed", async () => {
    await runTask(patient, {}, (kill) => kill("SIGUSR2"));
    const again = await runTask(patient, {}, (kill) => kill("SIGUSR2"));
    expect(again).toMatchObject({ code: 140, signal: null });
    expect(readFileSync(join(folder, "asked"), "utf8")).toBe("requeue 7_3\n");
  });

  it("keeps the code of a job that has its result in spite of the warning", async () => {
    const busy = `process.on("SIGUSR2", () => setTimeout(() => process.exit(0), 50)); setInterval(() => {}, 1000); console.log("ready");`;
    expect((await runTask(busy, {}, (kill) => kill("SIGUSR2"))).code).toBe(0);
  });

  it("does not run the job elsewhere where the folder is not there", async () => {
    const ended = await runTask("console.log('ran')", { cwd: "/no/such/folder" });
    expect(ended).toEqual({ code: 1, signal: null, lines: [] });
  });

  it("quotes for the shell", () => {
    expect(shellQuote("/a/b-c.js")).toBe("/a/b-c.js");
    expect(shellQuote("it's $HOME")).toBe("'it'\\''s $HOME'");
    expect(shellQuote("A=1")).toBe("'A=1'");
  });
});
