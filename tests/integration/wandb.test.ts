import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WandbExperimentTracker } from "../../src/tracking/index.ts";
import { runProcess } from "../cli/run-ttm.ts";
import { readMetrics, type TinyExperiment, tinyExperiment } from "../experiment/tiny-experiment.ts";
import { wandbFiles } from "../tracking/wandb/wandb-files.ts";

const shared = process.env["TTM_SHARED"] ?? resolve(import.meta.dirname, "../../../shared");
const reader = join(shared, "scripts/wandb-read.py");
const whyNoReader = existsSync(reader) ? undefined : `there is no reader of .wandb files (${reader})`;
if (whyNoReader !== undefined) process.stderr.write(`skipped: ${whyNoReader}\n`);

interface Told {
  readonly run: Record<string, unknown>;
  readonly config: Record<string, unknown>;
  readonly history: { readonly step: number; readonly items: Record<string, number | string> }[];
  readonly summary: Record<string, unknown>;
  readonly exit: { readonly exit_code: number };
  readonly records: Record<string, number>;
  readonly corruption: unknown[];
  readonly tail: string;
}

/** What wandb's own reader finds in a file; `--stable` leaves times out. */
async function read(file: string | undefined, ...flags: string[]): Promise<Told> {
  const { stdout } = await promisify(execFile)("python3", [reader, file ?? "", ...flags], {
    maxBuffer: 2 ** 28,
    timeout: 300_000,
  });
  return JSON.parse(stdout);
}

describe.skipIf(whyNoReader !== undefined)("wandb's own reader", () => {
  it.each(["minimal", "failed", "nonfinite"])(
    "finds in our file what it finds in wandb's: %s",
    async (name) => {
      const answer = await read(join(shared, `conformance/wandb/${name}.wandb`), "--stable");
      const runDir = await mkdtemp(join(tmpdir(), "ttm-wandb-"));
      const { run_id: runId, display_name: runName, project, entity } = answer.run as Record<string, string>;
      const tracker = new WandbExperimentTracker({ env: {}, project, entity });
      await tracker.startExperiment({
        experimentName: "e",
        runName: String(runName),
        runId: String(runId),
        runDir,
      });
      if (name === "nonfinite") await tracker.logParams({ nan: Number.NaN, inf: Number.POSITIVE_INFINITY });
      for (const { step, items } of answer.history) {
        const { _step, ...metrics } = items;
        const numbers = Object.entries(metrics).map(([key, value]) => [key, Number(value)]);
        tracker.logMetrics(Object.fromEntries(numbers), { step });
      }
      await tracker.endExperiment({ status: answer.exit.exit_code === 0 ? "completed" : "failed" });
      const told = await read(wandbFiles(runDir)[0], "--stable");
      // A double holds 16 digits of the 18 that Python's integer has.
      expect(told).toEqual(
        name === "nonfinite" ? expect.objectContaining({ records: answer.records }) : answer,
      );
      expect(told.history).toEqual(answer.history);
      expect(told.config).toEqual(answer.config);
    },
  );

  it("reads 20,000 rows and long texts across blocks, none damaged", async () => {
    const runDir = await mkdtemp(join(tmpdir(), "ttm-wandb-"));
    const tracker = new WandbExperimentTracker({ env: {} });
    await tracker.startExperiment({ experimentName: "e", runDir });
    await tracker.logParams({ long: "é😀x".repeat(30_000) });
    for (let step = 0; step < 20_000; step++)
      tracker.logMetrics({ a: step / 3, b: step % 50 ? -step : Number.NaN }, { step });
    await tracker.endExperiment({ status: "completed" });
    const told = await read(wandbFiles(runDir)[0]);
    expect(told).toMatchObject({ corruption: [], tail: "clean", exit: { exit_code: 0 } });
    expect(told.history).toHaveLength(20_000);
    expect(told.history[19_999]).toMatchObject({ step: 19_999, items: { a: 19_999 / 3, b: -19_999 } });
    expect(told.config["long"]).toHaveLength("é😀x".repeat(30_000).length);
  });
});

describe.skipIf(whyNoReader !== undefined)("ttm tracker=wandb", () => {
  let tiny: TinyExperiment;
  beforeAll(async () => {
    tiny = await tinyExperiment();
  });
  afterAll(() => tiny.remove());

  it("writes a run that wandb reads: every point, the config as a tree, a clean end", async () => {
    const dir = join(tiny.root, "wandb");
    const { code, stderr } = await runProcess([...tiny.words, "tracker=wandb", `hydra.run.dir=${dir}`]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("wandb sync");
    const told = await read(wandbFiles(dir)[0]);
    const points = told.history.flatMap(({ items }) =>
      Object.entries(items)
        .filter(([name]) => !name.startsWith("_") && name !== "epoch" && name !== "ttm/step")
        .map(([name, value]) => `${name} ${items["ttm/step"] ?? items["_step"]} ${value}`),
    );
    const wanted = readMetrics(dir).map(({ name, step, value }) => `${name} ${step} ${value}`);
    expect(points.sort()).toEqual(wanted.sort());
    expect(told.config).toMatchObject({ training: { learning_rate: expect.any(Number) } });
    expect(told.exit.exit_code).toBe(0);
    expect(told.run["run_id"]).toBe(JSON.parse(readFileSync(join(dir, "run_summary.json"), "utf8")).run_id);
  });
});
