import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatError, type TtmError } from "../../../src/core/index.ts";
import { MLflowExperimentTracker, SimpleExperimentTracker, syncRun } from "../../../src/tracking/index.ts";
import { FAKE_URI, type FakeAnswer, FakeMlflow, type FakeRequest } from "../fake-mlflow.ts";
import { readLines } from "../read-run-files.ts";

const newFolder = () => mkdtemp(join(tmpdir(), "ttm-mlflow-"));
const isBatch = ({ path }: FakeRequest) => path.endsWith("/log-batch");
const lost: FakeAnswer = { status: 502, body: "<html>Bad gateway</html>" };

function setUp(options: { env?: NodeJS.ProcessEnv; deadlineSeconds?: number } = {}) {
  const server = new FakeMlflow();
  const warnings: TtmError[] = [];
  const onWarning = (warning: TtmError) => warnings.push(warning);
  const common = { env: {}, dispatcher: server.agent, onWarning, random: () => 0, ...options };
  return { server, warnings, common, tracker: new MLflowExperimentTracker(FAKE_URI, common) };
}

/** Answers so the first `times` requests that apply. */
function firstly(
  times: number,
  applies: (request: FakeRequest) => boolean,
  at: "before" | "after",
  answer: FakeAnswer,
): FakeMlflow["fault"] {
  let left = times;
  return (request, when) => {
    if (when !== at || left === 0 || !applies(request)) return undefined;
    left -= 1;
    return answer;
  };
}

async function record(tracker: MLflowExperimentTracker, steps: number): Promise<string> {
  const runDir = await newFolder();
  await tracker.startExperiment({ experimentName: "e", runName: "base-7", runDir });
  for (let step = 0; step < steps; step++)
    tracker.logMetrics({ loss: step === 3 ? Number.NaN : step }, { step });
  await tracker.endExperiment({ status: "completed" });
  return runDir;
}

const stepsOf = (server: FakeMlflow) => server.run.points.map(({ step }) => step);
const upTo = (steps: number) => Array.from({ length: steps }, (_, step) => step);

describe("what is sent", () => {
  it("creates the run with its tags, and ends it", async () => {
    const { server, tracker } = setUp();
    const runDir = await newFolder();
    const { runId } = await tracker.startExperiment({
      experimentName: "e",
      runName: "base-7",
      runDir,
      startedAt: 1_767_225_600_000,
    });
    await tracker.endExperiment({
      status: "failed",
      error: { code: "X", message: "broke" },
      endedAt: 1_767_225_660_000,
    });
    const create = server.requests.find(({ path }) => path.endsWith("/runs/create"));
    expect(create?.headers).toMatchObject({ "content-type": "application/json" });
    expect(create?.body).toMatchObject({
      experiment_id: "7",
      start_time: 1_767_225_600_000,
      run_name: "base-7",
    });
    const tags = Object.fromEntries(server.run.tags);
    expect(tags).toMatchObject({
      "mlflow.source.type": "LOCAL",
      "mlflow.runName": "base-7",
      "ttm.clientRunId": runId,
      "ttm.error": "X: broke",
    });
    expect(Object.keys(tags)).toEqual(expect.arrayContaining(["mlflow.user", "mlflow.source.name"]));
    const update = server.requests.find(({ path }) => path.endsWith("/runs/update"));
    expect(update?.body).toEqual({ run_id: server.run.id, status: "FAILED", end_time: 1_767_225_660_000 });
  });

  it("batches points by 1,000 and keeps params apart, by 100", async () => {
    const { server, tracker } = setUp();
    const runDir = await newFolder();
    await tracker.startExperiment({ experimentName: "e", runDir });
    await tracker.logParams(Object.fromEntries(upTo(250).map((n) => [`p${n}`, n])));
    for (const step of upTo(2_500)) tracker.logMetrics({ loss: step }, { step });
    await tracker.endExperiment({ status: "completed" });
    const bodies = server.requests.filter(isBatch).map(({ body }) => body);
    const sizes = (kind: string) =>
      bodies.filter((it) => it[kind] !== undefined).map((it) => (it[kind] as unknown[]).length);
    expect(sizes("params")).toEqual([100, 100, 50]);
    expect(sizes("metrics")).toEqual([1_000, 1_000, 500]);
    expect(bodies.filter((it) => Object.keys(it).length !== 2)).toEqual([]);
  });

  it("finds the parent's id on the server", async () => {
    const { server, tracker, common } = setUp();
    const parent = await tracker.startExperiment({ experimentName: "e", runDir: await newFolder() });
    await tracker.endExperiment({ status: "completed" });
    const child = new MLflowExperimentTracker(FAKE_URI, common);
    await child.startExperiment({
      experimentName: "e",
      runDir: await newFolder(),
      parentRunId: parent.runId,
    });
    await child.endExperiment({ status: "completed" });
    expect(server.runs[1]?.tags.get("mlflow.parentRunId")).toBe(server.run.id);
  });

  it("cleans names, tells alike ones apart, and says so", async () => {
    const { server, tracker, warnings } = setUp();
    await tracker.startExperiment({ experimentName: "e", runDir: await newFolder() });
    tracker.logMetrics({ "acc@5": 1, "acc#5": 2, "größe/x": 3, "//lead/": 4 }, { step: 1 });
    await tracker.endExperiment({ status: "completed" });
    expect(server.run.points.map(({ key }) => key)).toEqual(["acc_5", "acc_5_2", "größe/x", "lead"]);
    expect(warnings.map(({ code }) => code)).toEqual([
      "MLFLOW_NAME_CHANGED",
      "MLFLOW_NAME_CHANGED",
      "MLFLOW_NAME_CHANGED",
    ]);
  });
});

describe("what faults do", () => {
  it.each([
    ["a lost answer", "after" as const, lost],
    ["a failure before the work", "before" as const, lost],
    [
      "a throttle with Retry-After",
      "before" as const,
      { status: 429, body: "{}", headers: { "retry-after": "0" } },
    ],
    ["half an answer", "after" as const, { status: 200, body: '{"ru' }],
  ])("%s doubles nothing and loses nothing", async (_, when, answer) => {
    const { server, tracker } = setUp();
    server.fault = firstly(3, isBatch, when, answer);
    await record(tracker, 50);
    expect(stepsOf(server)).toEqual(upTo(50));
    expect(server.runs).toHaveLength(1);
  });

  it("a lost answer to runs/create makes no second run", async () => {
    const { server, tracker } = setUp();
    server.fault = firstly(2, ({ path }) => path.endsWith("/runs/create"), "after", lost);
    await record(tracker, 5);
    expect(server.runs).toHaveLength(1);
    expect(stepsOf(server)).toEqual(upTo(5));
  });

  it("a point that is refused goes to the rejects, all others arrive", async () => {
    const { server, tracker, warnings } = setUp();
    const runDir = await newFolder();
    await tracker.startExperiment({ experimentName: "e", runDir });
    for (const step of upTo(300)) tracker.logMetrics({ [step === 123 ? "bad" : "loss"]: step }, { step });
    await tracker.endExperiment({ status: "completed" });
    expect(stepsOf(server).sort((a, b) => a - b)).toEqual(upTo(300).filter((step) => step !== 123));
    expect(warnings.map(({ code }) => code)).toEqual(["TRACKING_REFUSED"]);
    const [folder] = (await import("node:fs")).readdirSync(join(runDir, ".ttm"));
    expect(await readLines(join(runDir, ".ttm", folder ?? "", "rejects.jsonl"))).toMatchObject([
      { item: { key: "bad", step: 123 } },
    ]);
  });

  it("a request that is too large is halved", async () => {
    const { server, tracker } = setUp();
    server.fault = (request, when) =>
      when === "before" && JSON.stringify(request.body).length > 3_000
        ? { status: 413, body: "<html>" }
        : undefined;
    await record(tracker, 500);
    expect(stepsOf(server).sort((a, b) => a - b)).toEqual(upTo(500));
  });

  it("a changed param goes under resumed/1, and the metrics beside it arrive", async () => {
    const { server, tracker, common } = setUp();
    const runDir = await newFolder();
    for (const lr of [0.1, 0.2]) {
      const again = lr === 0.1 ? tracker : new MLflowExperimentTracker(FAKE_URI, common);
      await again.startExperiment({ experimentName: "e", runDir });
      await again.logParams({ lr, same: 1 });
      again.logMetrics({ loss: lr }, { step: 1 });
      await again.endExperiment({ status: "completed" });
    }
    expect(Object.fromEntries(server.run.params)).toEqual({ lr: "0.1", same: "1", "resumed/1/lr": "0.2" });
    expect(server.run.points).toHaveLength(2);
    expect(server.runs).toHaveLength(1);
  });

  it("a server that never answers costs little time, and the command that sends the rest is named", async () => {
    const warnings: TtmError[] = [];
    const down = new MLflowExperimentTracker("http://127.0.0.1:9", {
      env: {},
      onWarning: (warning) => warnings.push(warning),
    });
    const began = performance.now();
    const runDir = await record(down, 20);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(warnings.map(({ code }) => code)).toEqual(["MLFLOW_UNREACHABLE", "TRACKING_REMOTE_BEHIND"]);
    expect(formatError(warnings[1] as TtmError)).toContain(`ttm sync ${runDir}`);
  });

  it("syncs what a deadline left, and a second time nothing", async () => {
    const { server, tracker, warnings, common } = setUp({ deadlineSeconds: 0.1 });
    server.fault = (_, when) => (when === "before" ? lost : undefined);
    const runDir = await record(tracker, 20);
    expect(warnings.map(({ code }) => code)).toEqual(["MLFLOW_SERVER_FAULT", "TRACKING_REMOTE_BEHIND"]);
    server.fault = () => undefined;
    expect(await syncRun(runDir, FAKE_URI, common)).toMatchObject({ sent: 20, refused: 0, pending: 0 });
    expect(await syncRun(runDir, FAKE_URI, common)).toMatchObject({ sent: 0, refused: 0, pending: 0 });
    expect(stepsOf(server)).toEqual(upTo(20));
    expect(server.run.status).toBe("FINISHED");
  });

  it("finds its run again when its own notes are lost", async () => {
    const { server, tracker, common } = setUp();
    const runDir = await record(tracker, 20);
    const [folder] = (await import("node:fs")).readdirSync(join(runDir, ".ttm"));
    await rm(join(runDir, ".ttm", folder ?? "", "state.json"));
    expect(await syncRun(runDir, FAKE_URI, common)).toMatchObject({ pending: 0 });
    expect(stepsOf(server)).toEqual(upTo(20));
    expect(server.runs).toHaveLength(1);
  });

  it("sends a run that only files recorded, and closes one that died as killed", async () => {
    const { server, common } = setUp();
    const runDir = await newFolder();
    const files = new SimpleExperimentTracker();
    await files.startExperiment({ experimentName: "e", runDir });
    files.logMetrics({ loss: 1 }, { step: 1, time: 1_767_225_601_000 });
    await files.endExperiment({ status: "completed" });
    const journal = join(runDir, "journal.jsonl");
    const lines = (await readFile(journal, "utf8")).split("\n");
    await writeFile(journal, `${lines.slice(0, 3).join("\n")}\n${lines[3]?.slice(0, 20)}`);
    await syncRun(runDir, FAKE_URI, common);
    expect(server.run.status).toBe("KILLED");
    expect(JSON.parse(await readFile(join(runDir, "run_summary.json"), "utf8"))).toMatchObject({
      status: "killed",
    });
  });

  it.each([
    [401, "Unauthorized", "MLFLOW_UNAUTHENTICATED", "MLFLOW_TRACKING_USERNAME"],
    [403, "Permission denied", "MLFLOW_FORBIDDEN", "experiment_name"],
    [
      403,
      "Invalid Host header - possible DNS rebinding attack detected",
      "MLFLOW_HOST_REFUSED",
      "--allowed-hosts",
    ],
    [404, "<!doctype html>", "MLFLOW_NOT_MLFLOW", "tracking URI"],
    [200, "<!doctype html><title>Login</title>", "MLFLOW_NOT_MLFLOW", "login page"],
    [302, "", "MLFLOW_REDIRECTED", "tracking URI"],
  ])("%i %s is named with its remedy, once, and training goes on", async (status, body, code, remedy) => {
    const { server, tracker, warnings } = setUp();
    server.fault = (_, when) => (when === "before" ? { status, body } : undefined);
    await record(tracker, 3);
    expect(warnings.map((warning) => warning.code)).toEqual([code, "TRACKING_REMOTE_BEHIND"]);
    expect(formatError(warnings[0] as TtmError)).toContain(remedy);
  });
});

describe("secrets", () => {
  it("go into requests and nowhere else", async () => {
    const secret = "s3cr3t-t0ken";
    const { server, tracker, warnings } = setUp({ env: { MLFLOW_TRACKING_TOKEN: secret } });
    server.fault = (_, when) => (when === "before" ? { status: 401, body: "no" } : undefined);
    const runDir = await record(tracker, 3);
    expect(server.requests[0]?.headers["authorization"]).toBe(`Bearer ${secret}`);
    const { readdirSync, statSync } = await import("node:fs");
    const files = readdirSync(runDir, { recursive: true, encoding: "utf8" }).filter((name) =>
      statSync(join(runDir, name)).isFile(),
    );
    const texts = await Promise.all(files.map((name) => readFile(join(runDir, name), "utf8")));
    expect(files.length).toBeGreaterThan(0);
    expect(
      texts.join("\n") +
        warnings
          .map((warning) => `${formatError(warning)} ${warning.stack} ${JSON.stringify(warning)}`)
          .join(),
    ).not.toContain(secret);
  });

  it("basic wins over the token; a login in the URI is taken out of it", async () => {
    const env = {
      MLFLOW_TRACKING_TOKEN: "t",
      MLFLOW_TRACKING_USERNAME: "ada",
      MLFLOW_TRACKING_PASSWORD: "pw",
    };
    const { server, tracker } = setUp({ env });
    await record(tracker, 1);
    expect(server.requests[0]?.headers["authorization"]).toBe(
      `Basic ${Buffer.from("ada:pw").toString("base64")}`,
    );
    expect(server.run.tags.get("mlflow.user")).toBe("ada");
  });
});
