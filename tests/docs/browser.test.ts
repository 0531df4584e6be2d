import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { elementCount, float32Tensor, type Tensor } from "../../src/onnx/index.ts";
import { createSession } from "../../src/runtime/index.ts";
import { runHere } from "../cli/run-ttm.ts";
import { type TinyExperiment, tinyExperiment } from "../experiment/tiny-experiment.ts";
import { docBlocks, root } from "./doc-blocks.ts";

const CHROMIUM = "/usr/bin/chromium";
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

interface Manifest {
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly role: string;
    readonly next?: string;
    readonly initial?: number | null;
  }[];
}

const folder = mkdtempSync(join(tmpdir(), "ttm-browser-"));
let tiny: TinyExperiment;
let server: Server;
beforeAll(async () => {
  tiny = await tinyExperiment();
  const words = [
    "export",
    "train-step",
    ...tiny.words,
    "training.batch_size=4",
    "--no-dropout",
    "--output",
    folder,
  ];
  const { code, stderr } = await runHere(words);
  expect(code, stderr).toBe(0);
  server = createServer((request, response) => {
    const name = (request.url ?? "/").slice(1) || "index.html";
    const file = [join(folder, name), join(root, "node_modules/onnxruntime-web/dist", name)].find(existsSync);
    const kind = { html: "text/html", mjs: "text/javascript", wasm: "application/wasm" }[
      name.split(".").at(-1) ?? ""
    ];
    response.writeHead(file ? 200 : 404, kind ? { "content-type": kind } : {});
    response.end(file && readFileSync(file));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});
afterAll(async () => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
  await tiny.remove();
});

const manifest = () => JSON.parse(readFileSync(join(folder, "train-step.json"), "utf8")) as Manifest;

/** Batches of noise around a level that differs from window to window. */
function makeBatches(): Record<string, number[]>[] {
  const random = Random.fromSeed(3);
  const data = manifest().inputs.filter(({ role }) => role === "data");
  return Array.from({ length: 6 }, () =>
    Object.fromEntries(
      data.map(({ name, shape }) => [
        name,
        Array.from({ length: elementCount(shape) }, () => (name === "future_mask" ? 1 : random.normal())),
      ]),
    ),
  );
}

/** The losses of the runtime that trains here. */
async function nativeLosses(batches: readonly Record<string, number[]>[]): Promise<number[]> {
  const session = await createSession({ model: readFileSync(join(folder, "train-step.onnx")) });
  const { inputs } = manifest();
  const bytes = readFileSync(join(folder, "initial-parameters.bin"));
  const start = new Float32Array(Uint8Array.from(bytes).buffer);
  const feeds: Record<string, Tensor> = {};
  const states = inputs.filter(({ role }) => role === "state");
  for (const { name, shape, initial } of states)
    feeds[name] = float32Tensor(shape, initial === null ? start : Array(elementCount(shape)).fill(initial));
  const losses: number[] = [];
  for (const batch of batches) {
    for (const { name, shape } of inputs) if (batch[name]) feeds[name] = float32Tensor(shape, batch[name]);
    const results = await session.run(feeds);
    for (const { name, next = "" } of states) feeds[name] = results[next] as Tensor;
    losses.push(Number(results["loss"]?.data[0]));
  }
  return losses;
}

const reason = existsSync(CHROMIUM) ? "" : `skipped: no ${CHROMIUM} here (apt-get install chromium)`;
if (reason !== "") console.log(`docs/browser.md in Chromium ${reason}`);

it.skipIf(reason !== "")(
  `the page of docs/browser.md trains in Chromium to the same losses ${reason}`,
  async () => {
    const page = docBlocks("docs/browser.md").find(
      ({ language, info }) => language === "html" && info === "page",
    );
    const batches = makeBatches();
    writeFileSync(join(folder, "index.html"), page?.text ?? "");
    writeFileSync(join(folder, "batches.json"), JSON.stringify(batches));
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: flags });
    try {
      const tab = await browser.newPage();
      const printed: string[] = [];
      tab.on("console", (message) => printed.push(message.text()));
      tab.on("pageerror", (error) => printed.push(String(error)));
      await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await tab
        .waitForFunction("document.title === 'trained'", undefined, { timeout: 30_000 })
        .catch(() => undefined);
      const expected = await nativeLosses(batches);
      const losses = printed.filter((line) => /^[\d.]+$/.test(line)).map(Number);
      expect(losses.length, printed.join("\n")).toBe(expected.length);
      for (const [step, loss] of expected.entries())
        expect(Math.abs((losses[step] ?? 0) - loss), `step ${step}`).toBeLessThan(1e-5 * loss);
      expect(expected[5]).not.toBe(expected[0]);
    } finally {
      await browser.close();
    }
  },
);
