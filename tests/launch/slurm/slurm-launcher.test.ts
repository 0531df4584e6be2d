import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compose } from "../../../src/config/index.ts";
import type { JobOutcome, JobReport, Launcher, PreparedJob } from "../../../src/launch/index.ts";
import { LaunchError, LauncherFault, prepareJob, stopFile, writeOutcome } from "../../../src/launch/index.ts";
import { BatchStore } from "../../../src/launch/slurm/batch-store.ts";
import { slurmLauncher } from "../../../src/launch/slurm/slurm-launcher.ts";
import { FakeSlurm, overLimit } from "./fake-slurm.ts";

let root: string;
let slurm: FakeSlurm;
let notes: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ttm-slurm-"));
  slurm = new FakeSlurm();
  notes = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const never = new AbortController().signal;

function launcher(isAdaptive = false): Launcher {
  const request = {
    settings: new Map([["array_parallelism", 4n]]),
    sweepDir: root,
    entry: { command: "/usr/bin/node", args: ["app.js"] },
    cwd: root,
    env: {},
    isAdaptive,
    note: (line: string) => notes.push(line),
    runHere: () => Promise.reject(new Error("jobs run elsewhere")),
  };
  return slurmLauncher(request, slurm.parts);
}

function job(num: number, attempt = 1): PreparedJob {
  const overrides = [`+x=${num}`, `hydra.sweep.dir=${root}`];
  const about = { name: "app", num, id: `job_id_for_${num}` };
  const composition = compose({ configDir: null, configName: null, overrides, mode: "MULTIRUN", job: about });
  const sweep = { dir: root, count: undefined, params: { x: String(num) } };
  const planned = {
    num,
    jobName: "app",
    mode: "MULTIRUN" as const,
    overrides: [`+x=${num}`],
    composition,
    sweep,
  };
  return prepareJob(planned, { outputDir: join(root, String(num)), id: about.id, attempt });
}

const jobs = (count: number) => Array.from({ length: count }, (_, num) => job(num));

/** What the task of a job writes at its end. */
function end(num: number, how: Partial<JobOutcome> = {}): void {
  const at = new Date(0).toISOString();
  const about = { num, overrides: [], params: {}, dir: join(root, String(num)), startedAt: at, endedAt: at };
  writeOutcome(about.dir, {
    ...about,
    status: "completed",
    result: num,
    error: undefined,
    attempt: 1,
    ...how,
  });
}

const faultOf = (end: PromiseSettledResult<unknown>) =>
  end.status === "rejected" && end.reason instanceof LauncherFault ? end.reason.code : end.status;

const codeOf = ({ error }: JobOutcome) => (error instanceof LaunchError ? error.code : undefined);

describe("submitting", () => {
  it("collects jobs for a moment and submits them as one array", async () => {
    slurm.at(2, () =>
      [0, 1, 2].forEach((num) => {
        end(num);
      }),
    );
    const engine = launcher();
    const outcomes = await Promise.all(jobs(3).map((one) => engine.launch(one, never)));
    expect(outcomes.map(({ status, result }) => `${status} ${result}`)).toEqual([
      "completed 0",
      "completed 1",
      "completed 2",
    ]);
    expect(slurm.callsOf("sbatch")).toHaveLength(1);
    expect(slurm.callsOf("sbatch")[0]?.[1]).toBe("--array=0-2");
    const index = readFileSync(join(root, ".slurm", "0", "jobs.txt"), "utf8");
    expect(index).toBe([0, 1, 2].map((num) => `${join(root, String(num))}\n`).join(""));
  });

  it("cuts a sweep that is larger than the site's arrays", async () => {
    slurm.maxArraySize = 4;
    slurm.at(2, () => {
      for (const { num } of jobs(10)) end(num ?? 0);
    });
    const engine = launcher();
    await Promise.all(jobs(10).map((one) => engine.launch(one, never)));
    expect(slurm.callsOf("sbatch").map((args) => args[1])).toEqual([
      "--array=0-3",
      "--array=0-3",
      "--array=0-1",
    ]);
  });

  it("takes smaller arrays, and waits for room, where the site limits a user's jobs", async () => {
    slurm.limit = 3;
    // Whatever the queue has ends every ten seconds.
    for (let second = 10; second < 200; second += 10) {
      slurm.at(second, () => {
        for (const task of slurm.tasks.filter(({ state }) => state === "PENDING")) {
          task.state = "COMPLETED";
          end(Number(foldersOf(task.jobName)[task.index]?.split("/").at(-1)));
        }
      });
    }
    const engine = launcher();
    const outcomes = await Promise.all(jobs(8).map((one) => engine.launch(one, never)));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(8).fill("completed"));
    expect(slurm.tasks).toHaveLength(8);
    expect(notes).toEqual([expect.stringContaining("takes no more jobs now (AssocMaxSubmitJobLimit")]);
  });

  it("tries one array a look where the queue is full, however many jobs wait", async () => {
    slurm.limit = 0;
    slurm.at(150, () => {
      slurm.limit = 1000;
    });
    slurm.at(900, () => {
      for (let num = 0; num < 100; num++) end(num);
    });
    const engine = launcher();
    await Promise.all(jobs(100).map((one) => engine.launch(one, never)));
    const tries = slurm.calls.filter(({ program, at }) => program === "sbatch" && at < 150_000);
    expect(tries.length).toBeLessThanOrEqual(11);
    expect(slurm.tasks).toHaveLength(100);
  });

  it.each([
    ["sbatch does not name the limit", overLimit],
    ["sbatch names it", `sbatch: error: QOSMaxWallDurationPerJobLimit\n${overLimit}`],
  ])("does not take a job that asks for too much for a full queue, where %s", async (_, refusal) => {
    slurm.refusal = refusal;
    const engine = launcher();
    const ends = await Promise.allSettled(jobs(40).map((one) => engine.launch(one, never)));
    expect(ends.map(faultOf)).toContain("LAUNCH_SLURM_REFUSED");
    expect(slurm.callsOf("sbatch").length).toBeLessThanOrEqual(2);
  });

  it("finds room under a limit that sbatch does not name", async () => {
    slurm.limit = 3;
    slurm.namesLimit = false;
    slurm.at(200, () => slurm.set("RUNNING"));
    slurm.at(300, () => {
      slurm.limit = 100;
    });
    slurm.at(900, () => {
      for (let num = 0; num < 6; num++) end(num);
    });
    const engine = launcher();
    const outcomes = await Promise.all(jobs(6).map((one) => engine.launch(one, never)));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(6).fill("completed"));
  });

  it("looks for an array by its name before it submits it again", async () => {
    slurm.losesNextAnswer = true;
    slurm.at(30, () =>
      [0, 1].forEach((num) => {
        end(num);
      }),
    );
    const engine = launcher();
    await Promise.all(jobs(2).map((one) => engine.launch(one, never)));
    expect(slurm.callsOf("sbatch")).toHaveLength(1);
    expect(JSON.parse(readFileSync(join(root, ".slurm", "0", "batch.json"), "utf8"))).toMatchObject({
      array_id: "1",
    });
  });

  it("waits for a dead controller, asking ever more rarely, and then submits once", async () => {
    slurm.isDead = true;
    slurm.at(100, () => {
      slurm.isDead = false;
    });
    slurm.at(300, () => end(0));
    const outcome = await launcher().launch(job(0), never);
    expect(outcome.status).toBe("completed");
    expect(slurm.tasks).toHaveLength(1);
    const tries = slurm.calls.filter(({ program, at }) => program === "squeue" && at < 100_000);
    expect(tries.length).toBeLessThanOrEqual(4);
    expect(notes.join("\n")).toMatch(/no clear answer[\s\S]*does not answer[\s\S]*answers again/);
  });

  it("runs no job where sbatch refuses them, and says how to go on", async () => {
    slurm.refusal = "sbatch: error: invalid partition specified: typo";
    const engine = launcher();
    const ends = await Promise.allSettled(jobs(3).map((one) => engine.launch(one, never)));
    expect(ends.map(faultOf)).toEqual(Array(3).fill("LAUNCH_SLURM_REFUSED"));
    expect(ends[0]).toMatchObject({
      reason: {
        message: "sbatch refused the jobs: invalid partition specified: typo",
        fix: expect.stringContaining("--resume"),
      },
    });
    expect(slurm.callsOf("sbatch")).toHaveLength(1);
  });

  it("has as many jobs out as run at once where the sweeper learns from outcomes", () => {
    expect(launcher(true).slots).toBe(4);
    expect(launcher().slots).toBe(1000);
  });
});

/** The folders of an array's jobs, in order of their indices. */
function foldersOf(jobName: string): readonly string[] {
  for (let number = 0; ; number++) {
    const batch = JSON.parse(readFileSync(join(root, ".slurm", String(number), "batch.json"), "utf8"));
    if (batch.job_name === jobName) return batch.jobs;
  }
}

describe("watching", () => {
  it("asks the queue once for all jobs, at most every 15 seconds", async () => {
    slurm.at(1, () => slurm.set("RUNNING"));
    slurm.at(120, () => {
      for (const { num } of jobs(20)) end(num ?? 0);
    });
    const engine = launcher();
    await Promise.all(jobs(20).map((one) => engine.launch(one, never)));
    const times = slurm.calls.filter(({ program }) => program === "squeue").map(({ at }) => at);
    expect(times.length).toBeGreaterThan(4);
    expect(times.length).toBeLessThanOrEqual(9);
  });

  it("says when a job has started", async () => {
    const started: number[] = [];
    slurm.at(20, () => slurm.set("RUNNING"));
    slurm.at(60, () => end(0));
    await launcher().launch(job(0), never, { onStarted: () => started.push(slurm.seconds) });
    expect(started).toHaveLength(1);
    expect(started[0]).toBeGreaterThan(20);
  });

  it("hands reports on once each, and leaves a job that should stop a sign", async () => {
    const reports: JobReport[] = [];
    const report = (step: number) =>
      appendFileSync(
        join(root, "0", "reports.jsonl"),
        `${JSON.stringify({ step, value: 10 - step, attempt: 1 })}\n`,
      );
    slurm.at(5, () => report(0));
    slurm.at(6, () => report(1));
    // A second attempt begins again.
    slurm.at(7, () => [0, 1, 2].forEach(report));
    slurm.at(9, () => end(0, { status: "pruned" }));
    const outcome = await launcher().launch(job(0), never, {
      onReport: async (one) => {
        reports.push(one);
        return one.step === 2 ? "stop" : "continue";
      },
    });
    expect(outcome.status).toBe("pruned");
    expect(reports.map(({ step, value }) => [step, value])).toEqual([
      [0, 10],
      [1, 9],
      [2, 8],
    ]);
    expect(existsSync(stopFile(join(root, "0")))).toBe(true);
  });

  it("does not take a requeued task for ended, whatever states it passes", async () => {
    const states = [
      "RUNNING",
      "NODE_FAIL",
      "PENDING",
      "RUNNING",
      "PREEMPTED",
      "COMPLETING",
      "REQUEUED",
      "PENDING",
      "RUNNING",
    ];
    for (const [step, state] of states.entries()) slurm.at(1 + 20 * step, () => slurm.set(state));
    slurm.at(30, () => end(0, { status: "interrupted" }));
    slurm.at(200, () => end(0));
    const outcome = await launcher().launch(job(0), never);
    expect(outcome).toMatchObject({ status: "completed", result: 0 });
    expect(slurm.callsOf("sbatch")).toHaveLength(1);
  });

  it("calls a task lost that ended without an outcome", async () => {
    slurm.at(10, () => slurm.set("TIMEOUT"));
    const outcome = await launcher().launch(job(0), never);
    expect([outcome.status, codeOf(outcome)]).toEqual(["failed", "LAUNCH_JOB_LOST"]);
    expect(String(outcome.error)).toContain("ended as TIMEOUT");
    expect(outcome.error).toMatchObject({ fix: expect.stringContaining("timeout_min") });
  });

  it("asks the accounting about a task that the queue has forgotten", async () => {
    slurm.accounting.push("1_0|RUNNING|0:0");
    slurm.at(10, () => slurm.tasks.splice(0));
    slurm.at(200, () => {
      slurm.accounting.splice(0, 1, "1_0|OUT_OF_MEMORY|0:125");
    });
    const outcome = await launcher().launch(job(0), never);
    expect(String(outcome.error)).toContain("the Slurm task 1_0 ended as OUT_OF_MEMORY (exit code 0:125)");
    expect(slurm.seconds).toBeGreaterThan(200);
    expect(slurm.callsOf("sacct").length).toBeLessThan(12);
  });

  it("gives up a task that nobody knows, without accounting", async () => {
    slurm.at(10, () => slurm.tasks.splice(0));
    const outcome = await launcher().launch(job(0), never);
    expect(codeOf(outcome)).toBe("LAUNCH_JOB_LOST");
    expect(slurm.callsOf("sacct")).toHaveLength(1);
  });

  it("takes tasks out of the queue that will never start", async () => {
    slurm.at(2, () => slurm.set("PENDING", "PartitionTimeLimit"));
    const engine = launcher();
    const ends = await Promise.allSettled(jobs(3).map((one) => engine.launch(one, never)));
    expect(ends.map(faultOf)).toEqual(Array(3).fill("LAUNCH_SLURM_STUCK"));
    expect(slurm.callsOf("scancel")).toEqual([["1_[0-2]"]]);
    expect(slurm.tasks).toEqual([]);
  });

  it("fails only those jobs that will never start where others run", async () => {
    slurm.at(2, () => {
      slurm.set("RUNNING");
      Object.assign(slurm.tasks[1] ?? {}, { state: "PENDING", reason: "BadConstraints" });
    });
    slurm.at(100, () => end(0));
    const engine = launcher();
    const outcomes = await Promise.all(jobs(2).map((one) => engine.launch(one, never)));
    expect(outcomes.map(({ status }) => status)).toEqual(["completed", "failed"]);
    expect(outcomes.map(codeOf)).toEqual([undefined, "LAUNCH_SLURM_STUCK"]);
  });

  it("says why tasks wait that may wait for long", async () => {
    slurm.at(2, () => slurm.set("PENDING", "JobHeldUser"));
    slurm.at(100, () => end(0));
    await launcher().launch(job(0), never);
    expect(notes).toEqual([expect.stringMatching(/task 1_0 wait: JobHeldUser; .*scontrol release/)]);
  });
});

describe("a disk that fails", () => {
  const failing = (times: number) => {
    const heard: number[] = [];
    const onReport = async ({ step }: JobReport) => {
      if (times-- > 0) throw Object.assign(new Error("EIO: i/o error, write"), { code: "EIO" });
      heard.push(step);
      return "continue" as const;
    };
    return { heard, onReport };
  };
  const report = (num: number, step: number) =>
    appendFileSync(join(root, String(num), "reports.jsonl"), `{"step":${step},"value":1,"attempt":1}\n`);

  it("ends no job: it is looked at again, ever more rarely, and nothing is left out", async () => {
    slurm.at(3, () => slurm.set("RUNNING"));
    slurm.at(10, () => {
      for (const num of [0, 1]) report(num, 1);
    });
    slurm.at(20, () => {
      for (const num of [0, 1]) end(num);
    });
    const engine = launcher();
    const hooks = failing(4);
    const [first, second] = jobs(2);
    if (first === undefined || second === undefined) throw new Error("two jobs");
    const outcomes = await Promise.all([engine.launch(first, never, hooks), engine.launch(second, never)]);
    expect(outcomes.map(({ status }) => status)).toEqual(["completed", "completed"]);
    expect(hooks.heard).toEqual([1]);
    expect(notes).toEqual([expect.stringMatching(/cannot be read or written \(EIO/)]);
  });

  it("breaks the sweep off where it stays so, and leaves the tasks alone", async () => {
    slurm.at(3, () => slurm.set("RUNNING"));
    slurm.at(10, () => report(0, 1));
    const [only] = jobs(1);
    if (only === undefined) throw new Error("a job");
    const launched = launcher().launch(only, never, failing(Number.POSITIVE_INFINITY));
    await expect(launched).rejects.toBeInstanceOf(LauncherFault);
    expect(slurm.seconds).toBeGreaterThan(600);
    expect(slurm.tasks.map(({ state }) => state)).toEqual(["RUNNING"]);
  });

  it("submits what could not be written before, once", async () => {
    const engine = launcher();
    // A file in the place of the folder.
    appendFileSync(join(root, ".slurm"), "");
    slurm.at(20, () => {
      rmSync(join(root, ".slurm"));
      mkdirSync(join(root, ".slurm"));
    });
    slurm.at(60, () => end(0));
    expect(await engine.launch(job(0), never)).toMatchObject({ status: "completed" });
    expect(slurm.callsOf("sbatch")).toHaveLength(1);
  });
});

describe("stopping", () => {
  it("cancels its tasks, those that wait and those that run, in one call", async () => {
    const stop = new AbortController();
    slurm.at(10, () => {
      for (const task of slurm.tasks.slice(0, 2)) task.state = "RUNNING";
    });
    slurm.at(20, () => stop.abort(new Error("enough")));
    const engine = launcher();
    const outcomes = await Promise.all(jobs(5).map((one) => engine.launch(one, stop.signal)));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(5).fill("interrupted"));
    expect(slurm.callsOf("scancel")).toEqual([["1_[0-4]"]]);
  });

  it("submits nothing that was stopped before", async () => {
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    expect(await launcher().launch(job(0), stop.signal)).toMatchObject({ status: "interrupted" });
    expect(slurm.calls).toEqual([]);
  });

  it("says how to cancel where the controller stays dead", async () => {
    const stop = new AbortController();
    slurm.at(10, () => {
      slurm.isDead = true;
      stop.abort(new Error("enough"));
    });
    const outcome = await launcher().launch(job(0), stop.signal);
    expect(outcome.status).toBe("interrupted");
    expect(notes.at(-1)).toMatch(/does not answer; when it is back: scancel --name=sweep-[0-9a-f]{10}$/);
  });
});

describe("leaving a dead controller", () => {
  it("does not wait for ever for an array of which nothing is known", async () => {
    const stop = new AbortController();
    slurm.isDead = true;
    slurm.at(10, () => stop.abort(new Error("enough")));
    expect(await launcher().launch(job(0), stop.signal)).toMatchObject({ status: "interrupted" });
    expect(slurm.seconds).toBeLessThan(200);
    expect(notes.at(-1)).toMatch(/when it is back: scancel --name=sweep-[0-9a-f]{10}$/);
  });
});

describe("taking over", () => {
  /** A launcher that submitted two jobs and was killed. */
  async function killed(): Promise<void> {
    const engine = launcher();
    slurm.at(1, () => slurm.set("RUNNING"));
    for (const one of jobs(2)) void engine.launch(one, never);
    while (slurm.tasks.length === 0) await new Promise(setImmediate);
    await engine.close();
  }

  const started = (num: number) => ({
    num,
    id: `job_id_for_${num}`,
    attempt: 1,
    dir: join(root, String(num)),
  });

  it("waits for tasks that an earlier process left in the queue", async () => {
    await killed();
    slurm.at(slurm.seconds + 60, () =>
      [0, 1].forEach((num) => {
        end(num);
      }),
    );
    const engine = launcher();
    const outcomes = await Promise.all([0, 1].map((num) => engine.adopt?.(started(num), never)));
    expect(outcomes.map((outcome) => outcome?.result)).toEqual([0, 1]);
    expect(slurm.callsOf("sbatch")).toHaveLength(1);
  });

  it("has no outcome for a task that is in the queue no more", async () => {
    await killed();
    slurm.tasks.splice(0);
    expect(await launcher().adopt?.(started(0), never)).toBeUndefined();
  });

  it("cancels tasks that an earlier process left, stopped as soon as it begins", async () => {
    await killed();
    const stop = new AbortController();
    const adopted = launcher().adopt?.(started(0), stop.signal);
    stop.abort(new Error("enough"));
    expect(await adopted).toMatchObject({ status: "interrupted" });
    expect(slurm.callsOf("scancel")).toEqual([["1_[0]"]]);
  });

  it("cancels what an earlier process left, also where it did not live to hear the array's id", async () => {
    await killed();
    slurm.tasks.push({ arrayId: "77", index: 0, jobName: "another's", state: "RUNNING", reason: "None" });
    const file = join(root, ".slurm", "0", "batch.json");
    const text = readFileSync(file, "utf8").replace('"array_id": "1"', '"array_id": null');
    rmSync(file);
    appendFileSync(file, text);
    await launcher().cancel?.();
    const live = slurm.tasks.filter(({ state }) => state === "PENDING" || state === "RUNNING");
    expect(live.map(({ jobName }) => jobName)).toEqual(["another's"]);
  });

  it("says how to cancel what it cannot", async () => {
    await killed();
    slurm.isDead = true;
    await expect(launcher().cancel?.()).rejects.toMatchObject({
      code: "LAUNCH_ENGINE",
      fix: expect.stringMatching(/scancel --name=sweep-[0-9a-f]{10}$/),
    });
  });

  it("leaves the arrays of another sweep in the same folder alone", async () => {
    await killed();
    const file = join(root, ".slurm", "0", "batch.json");
    const text = readFileSync(file, "utf8").replace('"sweep": null', '"sweep": "old"');
    rmSync(file);
    appendFileSync(file, text);
    expect(new BatchStore(join(root, ".slurm"), "new").read()).toEqual([]);
    expect(new BatchStore(join(root, ".slurm"), "old").read()).toHaveLength(1);
  });

  it("does not submit a job again that stands in the queue", async () => {
    await killed();
    slurm.at(slurm.seconds + 60, () =>
      [0, 1, 2].forEach((num) => {
        end(num, { attempt: 2 });
      }),
    );
    const engine = launcher();
    const outcomes = await Promise.all([0, 1, 2].map((num) => engine.launch(job(num, 2), never)));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(3).fill("completed"));
    expect(slurm.callsOf("sbatch").map((args) => args[1])).toEqual(["--array=0-1", "--array=0-0"]);
  });

  it("finds by its name an array whose id the earlier process did not live to write", async () => {
    await killed();
    const file = join(root, ".slurm", "0", "batch.json");
    const text = readFileSync(file, "utf8").replace('"array_id": "1"', '"array_id": null');
    rmSync(file);
    appendFileSync(file, text);
    slurm.at(slurm.seconds + 60, () => end(0));
    expect(await launcher().adopt?.(started(0), never)).toMatchObject({ result: 0 });
  });
});
