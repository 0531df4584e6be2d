import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatError } from "../../../src/core/index.ts";
import { cachedSnapshot } from "../../../src/models/hub/cached-snapshot.ts";
import { fetchSnapshot } from "../../../src/models/hub/fetch-snapshot.ts";
import type { HubAccess } from "../../../src/models/hub/hub-access.ts";
import { ModelError } from "../../../src/models/index.ts";
import { COMMIT, FakeHub, type FakeHubOptions, REPO } from "./fake-hub.ts";

const weights = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));
const files = {
  "config.json": Buffer.from('{"model_type": "tinytimemixer"}\n'),
  "model.safetensors": weights,
};
const model = { repo: REPO, revision: "main" };
const token = "hf_not_a_real_token";

let cacheDir: string;
let hub: FakeHub | undefined;
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), "ttm-hub-"));
});
afterEach(async () => {
  await hub?.close();
  hub = undefined;
  rmSync(cacheDir, { recursive: true });
});

async function start(options: Partial<FakeHubOptions> = {}): Promise<HubAccess> {
  hub = await FakeHub.start({ files, ...options });
  return { hubUrl: hub.url, token: undefined, cacheDir, offline: false };
}

async function faultOf(run: Promise<unknown>): Promise<ModelError> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ModelError) return error;
  throw error ?? new Error("nothing was thrown");
}

const repository = () => join(cacheDir, `models--${REPO.replace("/", "--")}`);

describe("a model from the hub", () => {
  it("is laid out in the cache as the hub's own libraries lay it out", async () => {
    const { folder, commit } = await fetchSnapshot(model, await start());
    expect(commit).toBe(COMMIT);
    expect(folder).toBe(join(repository(), "snapshots", COMMIT));
    expect(readFileSync(join(folder, "model.safetensors"))).toEqual(weights);
    expect(readlinkSync(join(folder, "config.json"))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/);
    expect(readlinkSync(join(folder, "model.safetensors"))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
    expect(readFileSync(join(repository(), "refs/main"), "utf8")).toBe(COMMIT);
    expect(readdirSync(join(repository(), "blobs")).length).toBe(2);
  });

  it("is found in the cache afterwards, by its branch and by its commit", async () => {
    const { folder } = await fetchSnapshot(model, await start());
    expect(cachedSnapshot(cacheDir, model)).toEqual({ folder, commit: COMMIT });
    expect(cachedSnapshot(cacheDir, { ...model, revision: COMMIT })).toEqual({ folder, commit: COMMIT });
    expect(cachedSnapshot(cacheDir, { ...model, revision: "other" })).toBeNull();
  });

  it("goes on where a connection was cut", async () => {
    const access = await start({ cuts: { after: 100_000, times: 2 } });
    const { folder } = await fetchSnapshot(model, access);
    expect(readFileSync(join(folder, "model.safetensors"))).toEqual(weights);
    const ranges = hub?.downloads("model.safetensors") ?? [];
    expect(ranges.length).toBe(3);
    expect(ranges.slice(1).every((line) => /bytes=[1-9]\d*-299999$/.test(line))).toBe(true);
  });

  it("goes on where an earlier process stopped", async () => {
    const access = await start({ cuts: { after: 0, times: 99 } });
    expect((await faultOf(fetchSnapshot(model, access))).code).toBe("MODEL_HUB_UNREACHABLE");
    const [blob] = readdirSync(join(repository(), "blobs")).filter((name) => name.endsWith(".incomplete"));
    writeFileSync(join(repository(), "blobs", blob ?? ""), weights.subarray(0, 200_000));
    await hub?.close();
    await fetchSnapshot(model, await start());
    expect(hub?.downloads("model.safetensors")).toEqual([expect.stringMatching(/bytes=200000-299999$/)]);
  });

  it("is refused where its content is not what the hub describes, and nothing of it is kept", async () => {
    const fault = await faultOf(fetchSnapshot(model, await start({ corrupt: true })));
    expect(fault.code).toBe("MODEL_CHECKSUM");
    expect(readdirSync(join(repository(), "blobs"))).toEqual([]);
    expect(cachedSnapshot(cacheDir, model)).toBeNull();
  });

  it("needs a token where it is closed; the token stands in no message", async () => {
    const access = await start({ token });
    const nobody = await faultOf(fetchSnapshot(model, access));
    expect(nobody.code).toBe("MODEL_HUB_REFUSED");
    expect(nobody.fix).toContain("HF_TOKEN");
    const other = await faultOf(fetchSnapshot(model, { ...access, token: `${token}_of_another` }));
    expect(formatError(other) + String(other.stack) + JSON.stringify(other)).not.toContain(token);
    const notices: string[] = [];
    await fetchSnapshot(model, { ...access, token }, { onNotice: (notice) => notices.push(notice) });
    expect(notices).toEqual([
      expect.stringContaining("config.json, 1 kB"),
      expect.stringContaining("model.safetensors, 300 kB"),
    ]);
    expect(notices.join()).not.toContain(token);
  });

  it("that does not exist says what to type", async () => {
    const fault = await faultOf(fetchSnapshot({ ...model, repo: "somebody/nothing" }, await start()));
    expect(fault).toMatchObject({ code: "MODEL_HUB_REFUSED" });
    expect(fault.fix).toContain("model.repo=OWNER/NAME");
  });

  it("is fetched once by two processes at the same time", async () => {
    const { hubUrl } = await start({ delay: 150 });
    const program = join(import.meta.dirname, "fetch-program.ts");
    const run = () =>
      promisify(execFile)(process.execPath, ["--import", "tsx", program], {
        env: {
          ...process.env,
          HF_ENDPOINT: hubUrl,
          HF_HUB_CACHE: cacheDir,
          HF_HUB_OFFLINE: "0",
          HF_TOKEN: "",
        },
      });
    const [first, second] = await Promise.all([run(), run()]);
    expect(first.stdout).toBe(join(repository(), "snapshots", COMMIT));
    expect(second.stdout).toBe(first.stdout);
    expect(hub?.downloads("model.safetensors").length).toBe(1);
    expect(readFileSync(join(first.stdout, "model.safetensors"))).toEqual(weights);
  });
});

describe("a hub that cannot be reached", () => {
  it("is noticed within three seconds where nothing answers", async () => {
    const access = await start({ delay: 60_000 });
    const began = performance.now();
    const fault = await faultOf(fetchSnapshot(model, access));
    expect(fault).toMatchObject({ code: "MODEL_HUB_UNREACHABLE" });
    expect(performance.now() - began).toBeLessThan(3000);
  });

  it("is noticed at once where nobody listens", async () => {
    const access = await start();
    await hub?.close();
    const fault = await faultOf(fetchSnapshot(model, access));
    expect(fault.message).toContain("ECONNREFUSED");
    expect(fault.fix).toContain("model.weights=bundled");
  });

  it("is not asked where HF_HUB_OFFLINE is set", async () => {
    const access = await start();
    const fault = await faultOf(fetchSnapshot(model, { ...access, offline: true }));
    expect(fault.code).toBe("MODEL_HUB_UNREACHABLE");
    expect(hub?.requests).toEqual([]);
  });
});
