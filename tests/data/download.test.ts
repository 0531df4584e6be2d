import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MockAgent } from "undici";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dataSettingsSchema, loadDataset } from "../../src/data/index.ts";
import { dataFolder, fiveRows } from "./support.ts";

const bytes = readFileSync(join(dataFolder, "five-rows.csv"));
const sha256 = createHash("sha256").update(bytes).digest("hex");
const url = "https://data.example/files/five-rows.csv?version=1";

let cacheDir: string;
let agent: MockAgent;

beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), "ttm-data-"));
  agent = new MockAgent();
  agent.disableNetConnect();
});
afterEach(async () => {
  await agent.close();
  rmSync(cacheDir, { recursive: true });
});

function answer(status: number, body: Buffer | string): void {
  const pool = agent.get("https://data.example");
  pool.intercept({ path: "/files/five-rows.csv?version=1" }).reply(status, body);
}

const load = (settings: Record<string, unknown> = {}) =>
  loadDataset(dataSettingsSchema.parse({ source_name: "web", url, sha256, ...fiveRows, ...settings }), {
    context: 2,
    horizon: 1,
    cacheDir,
    dispatcher: agent,
  });

test("a url is fetched once, whole, and read from the cache afterwards", async () => {
  answer(200, bytes);
  const dataset = await load();
  expect(dataset.source).toMatchObject({ sha256, rows: 5 });
  expect(readdirSync(cacheDir)).toEqual([expect.stringMatching(/^[0-9a-f]{12}-five-rows\.csv$/)]);
  expect((await load()).source).toEqual(dataset.source);
});

test("a cached file with other bytes is fetched again", async () => {
  answer(200, bytes);
  const { path } = (await load()).source;
  writeFileSync(path, "spoiled");
  answer(200, bytes);
  expect((await load()).source.sha256).toBe(sha256);
});

test("other bytes than the settings describe are refused and not kept", async () => {
  answer(200, "load\n1\n");
  await expect(load()).rejects.toMatchObject({ code: "DATA_CHECKSUM", where: { text: `GET ${url}` } });
  expect(readdirSync(cacheDir)).toEqual([]);
});

test("a failed request names the url and the way out", async () => {
  answer(404, "no");
  await expect(load()).rejects.toMatchObject({
    code: "DATA_DOWNLOAD_FAILED",
    message: "the data could not be fetched: the server answered 404",
    where: { text: `GET ${url}` },
    fix: expect.stringContaining("data.path=FILE"),
  });
});

test("no network is a failed download", async () => {
  await expect(load()).rejects.toMatchObject({ code: "DATA_DOWNLOAD_FAILED" });
});

test("a file of one's own goes before the url", async () => {
  const dataset = await load({ path: join(dataFolder, "five-rows.csv") });
  expect(dataset.source.path).toBe(join(dataFolder, "five-rows.csv"));
});
