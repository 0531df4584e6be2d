import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PlainValue } from "../../src/config/index.ts";
import { compose } from "../../src/config/index.ts";
import type {
  JobHost,
  Launcher,
  LauncherFactory,
  PreparedJob,
  ProgramEntry,
} from "../../src/launch/index.ts";
import { prepareJob, runJob } from "../../src/launch/index.ts";
import { contractTask } from "./launcher-tasks.ts";

/** How the program of the contract's tasks is started, from source. */
export const contractEntry: ProgramEntry = {
  command: process.execPath,
  args: [
    "--import",
    import.meta.resolve("tsx"),
    fileURLToPath(new URL("./launcher-program.ts", import.meta.url)),
  ],
};

export interface ContractOptions {
  readonly settings?: ReadonlyMap<string, PlainValue>;
  /** Milliseconds for one case. */
  readonly timeout?: number;
}

/**
 * What every launcher must do, whatever engine it runs jobs on: here, in other processes, on other machines. A launcher of
 * your own passes it as `launcherContract("mine", myLauncher)`.
 */
export function launcherContract(
  name: string,
  factory: LauncherFactory,
  { settings = new Map(), timeout = 30_000 }: ContractOptions = {},
): void {
  describe(`launcher ${name}`, { timeout }, () => {
    let root: string;
    let launcher: Launcher;
    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), "ttm-launcher-"));
      launcher = launcherIn(root, factory, settings);
    });
    afterEach(async () => {
      await launcher.close();
      rmSync(root, { recursive: true, force: true });
    });
    const signal = new AbortController().signal;
    const prepared = (num: number, task: string, words: readonly string[] = []) =>
      contractJob(root, { num, task, words, id: launcher.jobId(num) });

    it("runs a job and hands back its result, number, folder and times", async () => {
      const outcome = await launcher.launch(prepared(0, "loss"), signal);
      expect(outcome).toMatchObject({
        num: 0,
        status: "completed",
        result: { loss: 0.5 },
        dir: join(root, "0"),
        attempt: 1,
      });
      expect(outcome.error).toBeUndefined();
      expect(Date.parse(outcome.endedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(outcome.startedAt ?? ""));
    });

    it("answers a failing task with an outcome, and runs the next job", async () => {
      const failed = await launcher.launch(prepared(0, "fail"), signal);
      const next = await launcher.launch(prepared(1, "loss"), signal);
      expect(failed).toMatchObject({ num: 0, status: "failed", result: undefined });
      expect(String(failed.error)).toContain("asked to fail");
      expect(next).toMatchObject({ num: 1, status: "completed" });
    });

    it("tells a job that is running to stop", async () => {
      const controller = new AbortController();
      const job = prepared(0, "wait");
      const ending = launcher.launch(job, controller.signal);
      while (!existsSync(join(job.outputDir, "waiting"))) await wait(20);
      controller.abort(new Error("stop"));
      expect((await ending).status).toBe("interrupted");
    });

    it("has at least one slot and an id for every job", () => {
      expect(launcher.slots).toBeGreaterThanOrEqual(1);
      expect(launcher.jobId(0)).not.toBe(launcher.jobId(1));
    });

    it("hands the job the config that was written before it started, and all that a job knows", async () => {
      const job = prepared(3, "yaml", ["+x=${now:%Y}-${hydra:job.num}", "+name='1'"]);
      const outcome = await launcher.launch(job, signal);
      const configYaml = "task: yaml\nx: ${now:%Y}-${hydra:job.num}\nname: '1'\n";
      expect(outcome.result).toEqual({
        configYaml,
        id: launcher.jobId(3),
        num: 3,
        overrides: ["+task=yaml", "+x=${now:%Y}-${hydra:job.num}", "+name='1'"],
        params: { x: "3" },
        outputDir: join(root, "3"),
      });
      expect(readFileSync(join(root, "3", ".hydra", "config.yaml"), "utf8")).toBe(configYaml);
    });

    it("runs a job whose YAML is written nowhere", async () => {
      const outcome = await launcher.launch(prepared(4, "loss", ["hydra.output_subdir=null"]), signal);
      expect(outcome).toMatchObject({ status: "completed", result: { loss: 0.5 } });
      expect(existsSync(join(root, "4", ".hydra"))).toBe(false);
    });

    it("keeps numbers that JSON lacks", async () => {
      const { result } = await launcher.launch(prepared(0, "notNumbers"), signal);
      expect(result).toEqual({ loss: Number.NaN, worst: Number.NEGATIVE_INFINITY });
    });

    it("brings reports to the sweep and its answers to the job", async () => {
      const heard: number[] = [];
      const onReport = async ({ step }: { step: number }) => {
        heard.push(step);
        return step === 3 ? ("stop" as const) : ("continue" as const);
      };
      const outcome = await launcher.launch(prepared(0, "report"), signal, { onReport });
      expect(outcome).toMatchObject({
        status: "pruned",
        lastReport: { step: heard.length, value: 10 / heard.length },
      });
      expect(heard.slice(0, 3)).toEqual([1, 2, 3]);
      expect(readFileSync(join(root, "0", "reports.jsonl"), "utf8")).toContain(
        '{"step":2,"value":5,"attempt":1}\n',
      );
    });
  });
}

export function launcherIn(
  root: string,
  factory: LauncherFactory,
  settings: ReadonlyMap<string, PlainValue>,
): Launcher {
  const host: JobHost = { json: false, stdout: () => {}, stderr: () => {}, now: () => new Date() };
  return factory({
    settings,
    sweepDir: root,
    entry: contractEntry,
    cwd: root,
    env: process.env,
    note: () => {},
    runHere: (job, signal, hooks) => {
      const onReport = hooks?.onReport;
      const withReports: JobHost = onReport
        ? { ...host, onReport: (_job, report) => onReport(report) }
        : host;
      return runJob(job, contractTask, withReports, signal);
    },
  });
}

export interface ContractJob {
  readonly num: number;
  readonly task: string;
  readonly words?: readonly string[];
  readonly id: string;
  readonly attempt?: number;
}

/** A job of the contract, prepared in its folder. */
export function contractJob(
  root: string,
  { num, task, words = [], id, attempt = 1 }: ContractJob,
): PreparedJob {
  const composition = compose({
    configDir: null,
    configName: null,
    overrides: [`+task=${task}`, ...words, `hydra.sweep.dir=${root}`],
    mode: "MULTIRUN",
    job: { name: "contract", num, id },
  });
  const planned = {
    num,
    jobName: "contract",
    mode: "MULTIRUN" as const,
    overrides: composition.overrides.task,
    composition,
    sweep: { dir: root, count: undefined, params: { x: String(num) } },
  };
  mkdirSync(join(root, String(num)), { recursive: true });
  return prepareJob(planned, { outputDir: join(root, String(num)), id, attempt });
}
