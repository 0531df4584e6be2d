import { mkdtemp, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { MLflowExperimentTracker, syncRun } from "../../../src/tracking/index.ts";
import { LoopbackMlflow, type LoopbackOptions } from "../loopback-mlflow.ts";

const LARGE_BYTES = 70 * 1024 * 1024;
const PART_BYTES = 32 * 1024 * 1024;
const quiet = { onWarning: () => undefined, random: () => 0.01 };
const env = { MLFLOW_TRACKING_TOKEN: "a-token-of-ours" };

let server: LoopbackMlflow | undefined;
afterEach(() => server?.stop());

async function began(options: LoopbackOptions, deadlineSeconds = 60) {
  server = new LoopbackMlflow(options);
  const uri = await server.start();
  const runDir = await mkdtemp(join(tmpdir(), "ttm-uploads-"));
  const large = join(runDir, "large.bin");
  await writeFile(large, "x");
  await truncate(large, LARGE_BYTES);
  const tracker = new MLflowExperimentTracker(uri, { ...quiet, env, deadlineSeconds });
  await tracker.startExperiment({ experimentName: "e", runDir });
  return { server, uri, runDir, large, tracker };
}

describe("a large file", () => {
  it("goes in parts, of which only the one that broke goes again, without our login", async () => {
    const cuts = new Set(["/store/2"]);
    const onUpload = (path: string) => (cuts.delete(path) ? "cut" : undefined);
    const { server: it, tracker, large } = await began({ parts: true, onUpload });
    await tracker.logArtifact(large, "weights");
    await tracker.endExperiment({ status: "completed" });
    expect(it.uploads).toEqual(["/store/1", "/store/2", "/store/3"]);
    expect([1, 2, 3].map((part) => it.files.get(`/store/${part}`)?.bytes)).toEqual([
      PART_BYTES,
      PART_BYTES,
      LARGE_BYTES - 2 * PART_BYTES,
    ]);
    expect(it.completed).toMatchObject([
      {
        folder: "7/r1/artifacts/weights",
        path: "large.bin",
        upload_id: "u1",
        parts: [
          { part_number: 1, etag: '"1"' },
          { part_number: 2, etag: '"2"' },
          { part_number: 3, etag: '"3"' },
        ],
      },
    ]);
    for (const headers of it.storeHeaders) {
      expect(headers.authorization).toBeUndefined();
      expect(headers["x-store"]).toBe("yes");
    }
  });

  it("goes as one where the server takes no parts", async () => {
    const { server: it, tracker, large } = await began({ parts: false });
    await tracker.logArtifact(large);
    await tracker.endExperiment({ status: "completed" });
    expect(it.files.get("7/r1/artifacts/large.bin")?.bytes).toBe(LARGE_BYTES);
  });

  it("goes on in the next process with the part that lacks", async () => {
    let hangs = true;
    const onUpload = (path: string) =>
      hangs && path === "/store/3" ? wait(20_000, undefined, { ref: false }) : undefined;
    const { server: it, tracker, large, runDir, uri } = await began({ parts: true, onUpload }, 2);
    await tracker.logArtifact(large);
    await tracker.endExperiment({ status: "completed" });
    expect(it.uploads).toEqual(["/store/1", "/store/2"]);
    hangs = false;
    expect(await syncRun(runDir, uri, { ...quiet, env })).toMatchObject({ pending: 0 });
    expect(it.uploads).toEqual(["/store/1", "/store/2", "/store/3"]);
    expect(it.completed).toHaveLength(1);
  });

  it("holds up nothing else: metrics logged after it arrive while it is under way", async () => {
    let release = () => {};
    const free = new Promise<void>((done) => {
      release = done;
    });
    const { server: it, tracker, large } = await began({ parts: false, onUpload: () => free });
    await tracker.logArtifact(large);
    for (let step = 0; step < 500; step++) tracker.logMetrics({ loss: step }, { step });
    for (let tries = 0; tries < 100 && it.points.length < 500; tries++) await wait(50);
    expect(it.points).toHaveLength(500);
    expect(it.files.size).toBe(0);
    release();
    await tracker.endExperiment({ status: "completed" });
    expect(it.files.get("7/r1/artifacts/large.bin")?.bytes).toBe(LARGE_BYTES);
  });
});

describe("a model on a 3.x server", () => {
  it("becomes one logged model, with its files and an MLmodel, though the answer to its making was lost", async () => {
    const { server: it, tracker, runDir } = await began({ parts: false });
    it.loseModelAnswers = 1;
    await writeFile(join(runDir, "adapter.json"), "{}");
    await tracker.logModel({ name: "adapter", path: join(runDir, "adapter.json"), info: { rank: 8 } });
    await tracker.endExperiment({ status: "completed" });
    expect(it.models).toMatchObject([{ name: "adapter", status: "LOGGED_MODEL_READY" }]);
    expect([...it.files.keys()].sort()).toEqual([
      "7/models/m-0/artifacts/MLmodel",
      "7/models/m-0/artifacts/adapter.json",
      "7/models/m-0/artifacts/model_info.json",
      "7/r1/artifacts/model/adapter/adapter.json",
      "7/r1/artifacts/model/adapter/model_info.json",
    ]);
  });
});
