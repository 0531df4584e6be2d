import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { WandbExperimentTracker } from "../../../src/tracking/index.ts";
import { type DescribedWandb, describeWandb, stable } from "./describe-wandb.ts";
import { wandbFiles } from "./wandb-files.ts";

const own = resolve(import.meta.dirname, "../data/wandb");
const shared = join(
  process.env["TTM_SHARED"] ?? resolve(import.meta.dirname, "../../../../shared"),
  "conformance/wandb",
);
const folders = [own, ...(existsSync(shared) ? [shared] : [])];
const samples = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".wandb"))
    .map((name) => ({ name, folder })),
);

function answerOf(folder: string, name: string): DescribedWandb {
  return JSON.parse(readFileSync(join(folder, name.replace(/wandb$/, "json")), "utf8"));
}

const keys = ["run", "config", "history", "summary", "files", "artifacts", "exit", "corruption"] as const;

describe("reading what wandb wrote, to the answers of wandb's own reader", () => {
  it.each(samples)("$folder/$name", async ({ folder, name }) => {
    const told = stable(await describeWandb(join(folder, name)));
    const answer = stable(answerOf(folder, name));
    for (const key of keys) expect(told[key], key).toEqual(answer[key]);
    expect(told.records).toEqual(answer.records);
  });
});

/** Params that the answers cannot tell: NaN became null, and 20 digits are more than a double has. */
const PARAMS: Record<string, Record<string, unknown>> = {
  nonfin01: { nan: Number.NaN, inf: Number.POSITIVE_INFINITY },
  config01: { big: 12_345_678_901_234_567_890n },
};

/** The same run, logged by our tracker. */
async function logAgain({ run, config, history, exit }: DescribedWandb): Promise<string> {
  const runDir = await mkdtemp(join(tmpdir(), "ttm-wandb-"));
  const told = run as Record<string, string> & { tags?: string[] };
  const tracker = new WandbExperimentTracker({
    env: {},
    project: told["project"],
    entity: told["entity"],
    group: told["run_group"],
    jobType: told["job_type"],
    notes: told["notes"],
    tags: told.tags,
  });
  const runId = String(told["run_id"]);
  await tracker.startExperiment({ experimentName: "e", runName: told["display_name"] ?? "", runId, runDir });
  const { _wandb, later, model, ...params } = config;
  const first = { ...params, ...PARAMS[runId] };
  if (Object.keys(first).length > 0)
    await tracker.logParams(model === undefined ? first : { ...first, model });
  if (later !== undefined) await tracker.logParams({ later });
  for (const { step, items } of history) {
    const { _step, _runtime, _timestamp, ...metrics } = items;
    const numbers = Object.entries(metrics).map(([name, value]) => [name, Number(value)]);
    tracker.logMetrics(Object.fromEntries(numbers), { step });
  }
  const status = exit?.exit_code === 0 ? "completed" : "failed";
  await tracker.endExperiment({ status });
  const [file] = wandbFiles(runDir);
  return file ?? "";
}

describe("the same run, logged by our tracker", () => {
  it.each(["minimal", "failed", "nonfinite", "config-nested"])("%s", async (name) => {
    const answer = answerOf(own, `${name}.wandb`);
    const told = stable(await describeWandb(await logAgain(answer)));
    const wanted = stable(answer);
    for (const key of ["run", "config", "history", "summary", "exit", "records"] as const)
      expect(told[key], key).toEqual(wanted[key]);
  });
});
