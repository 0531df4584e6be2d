import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { formatError, Random } from "../../src/core/index.ts";
import {
  type HubAccess,
  ModelError,
  type ModelSettings,
  modelSettings,
  resolveModel,
} from "../../src/models/index.ts";
import { COMMIT, FakeHub, REPO } from "./hub/fake-hub.ts";
import { dataFolder, parameterCount } from "./support.ts";

const file = join(import.meta.dirname, "../../conf/model/ttm_r2.yaml");
const shipped = modelSettings.parse(parse(readFileSync(file, "utf8")));
const checkpoint = join(dataFolder, "ttm-same-width/model");
const nothing = { bundled: null, repo: null };

let cacheDir: string;
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), "ttm-resolve-"));
});
afterEach(() => rmSync(cacheDir, { recursive: true }));

async function resolve(changes: Partial<ModelSettings>, access: Partial<HubAccess> = {}) {
  const notices: string[] = [];
  const hub = { hubUrl: "http://127.0.0.1:1", token: undefined, cacheDir, offline: true, ...access };
  const model = await resolveModel(
    { ...shipped, ...changes },
    { random: Random.fromSeed(1), onNotice: (notice) => notices.push(notice), hub },
  );
  return { model, notices };
}

describe("the settings model=ttm_r2", () => {
  it("give the checkpoint that ships with the package where the hub cannot be reached, and say so", async () => {
    const { model, notices } = await resolve({});
    expect(model.source).toMatchObject({ weights: "bundled", repo: null, revision: null });
    expect(model.source.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(parameterCount(model)).toBe(805_280);
    expect([model.contextLength, model.predictionLength]).toEqual([512, 96]);
    expect(notices).toEqual([
      expect.stringMatching(/granite-timeseries-ttm-r2: the hub cannot be reached.*bundled/),
    ]);
  });

  it("say once in a process that the hub cannot be reached", async () => {
    await resolve({});
    expect((await resolve({})).notices).toEqual([]);
  });

  it("give the checkpoint of the package without a word where it is asked for", async () => {
    const { model, notices } = await resolve({ weights: "bundled" }, { offline: false });
    expect(model.source.weights).toBe("bundled");
    expect(notices).toEqual([]);
  });

  it("give random weights and a notice where there is no checkpoint at all", async () => {
    const { model, notices } = await resolve(nothing);
    expect(model.source).toEqual({ weights: "random", path: null, repo: null, sha256: null, revision: null });
    expect(parameterCount(model)).toBe(805_280);
    expect(notices).toEqual([expect.stringContaining("random weights")]);
  });

  it("read a folder where path names one", async () => {
    const { model, notices } = await resolve({
      path: checkpoint,
      dropout: 0.5,
      prediction_filter_length: 4,
    });
    expect(model.source).toMatchObject({ weights: "path", path: checkpoint });
    expect(model.predictionLength).toBe(4);
    expect(model.config).toMatchObject({ dropout: 0.5, head_dropout: 0.3 });
    expect(notices).toEqual([]);
  });

  it("take only the configuration of the folder for random weights", async () => {
    const { model, notices } = await resolve({ path: checkpoint, weights: "random" });
    expect(model.source.weights).toBe("random");
    expect(model.contextLength).toBe(32);
    expect(notices).toEqual([]);
  });

  it.each(["hub", "bundled"] as const)(
    "refuse weights=%s with what to type where there are none",
    async (weights) => {
      const error = await resolve({ ...nothing, weights }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ModelError);
      if (error instanceof ModelError) expect(formatError(error)).toMatchSnapshot();
    },
  );

  it("do not fall back where weights=hub asks for the hub alone", async () => {
    await expect(resolve({ weights: "hub" })).rejects.toMatchObject({ code: "MODEL_HUB_UNREACHABLE" });
  });
});

describe("a published model", () => {
  const model = (name: string) => readFileSync(join(checkpoint, name));
  const files = { "config.json": model("config.json"), "model.safetensors": model("model.safetensors") };

  it("is fetched, and names its repository, its commit and its hash", async () => {
    const hub = await FakeHub.start({ files });
    try {
      const access = { hubUrl: hub.url, offline: false };
      const { model: found } = await resolve({ repo: REPO }, access);
      expect(found.source).toMatchObject({ weights: "hub", repo: REPO, revision: COMMIT });
      expect(found.contextLength).toBe(32);
    } finally {
      await hub.close();
    }
  });

  it("is taken from the cache without a question to the hub", async () => {
    const snapshot = join(cacheDir, "models--somebody--cached/snapshots", COMMIT);
    cpSync(checkpoint, snapshot, { recursive: true });
    const { model: found, notices } = await resolve({ repo: "somebody/cached", revision: COMMIT });
    expect(found.source).toMatchObject({ weights: "hub", repo: "somebody/cached", revision: COMMIT });
    expect(notices).toEqual([]);
  });

  it("is resolved once for all the jobs of a sweep in one process", async () => {
    const hub = await FakeHub.start({ files });
    try {
      const access = { hubUrl: hub.url, offline: false };
      await Promise.all([1, 2, 3].map(() => resolve({ repo: REPO }, access)));
      expect(hub.downloads("model.safetensors").length).toBe(1);
    } finally {
      await hub.close();
    }
  });
});
