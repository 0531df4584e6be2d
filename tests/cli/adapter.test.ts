import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readJson, type TinyExperiment, tinyExperiment } from "../experiment/tiny-experiment.ts";
import { runHere } from "./run-ttm.ts";

let tiny: TinyExperiment;
let runDir: string;
beforeAll(async () => {
  tiny = await tinyExperiment();
  runDir = join(tiny.root, "run");
  const { code, stderr } = await runHere([...tiny.words, `hydra.run.dir=${runDir}`]);
  expect(code, stderr).toBe(0);
}, 60_000);
afterAll(() => tiny.remove());

it("ttm adapter merge: the merged model forecasts as the adapter did, and its self-check is rounding", async () => {
  const merged = join(tiny.root, "merged");
  const { code, stdout, stderr } = await runHere(["adapter", "merge", runDir, "--to", merged]);
  expect(code, stderr).toBe(0);
  expect(Number(/self-check\s+(\S+)/.exec(stdout)?.[1])).toBeLessThan(1e-6);
  const evaluated = await runHere(["evaluate", ...tiny.words, `model.path=${merged}`, "--json"]);
  const { metrics } = readJson(runDir, "run_summary.json");
  expect(JSON.parse(evaluated.stdout).zero_shot_test_mse).toBeCloseTo(metrics.test_mse, 6);
});

it("ttm adapter info: layers, ranks and counts", async () => {
  const { code, stdout } = await runHere(["adapter", "info", runDir]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^head\.base_forecast_block +\d+ +10 +2 +16 +8$/m);
  const { metrics } = readJson(runDir, "run_summary.json");
  const json = JSON.parse((await runHere(["adapter", "info", join(runDir, "adapter"), "--json"])).stdout);
  expect(json.counts.trainable).toBe(metrics.trainable_parameters);
});

it("says what is wrong with a folder", async () => {
  const none = await runHere(["adapter", "info", tiny.root]);
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("EXPERIMENT_BAD_FILE")]);
  const bare = await runHere(["adapter", "merge", runDir]);
  expect([bare.code, bare.stderr]).toEqual([2, expect.stringContaining("CLI_USAGE")]);
});
