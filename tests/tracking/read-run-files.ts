import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { KeptRun } from "../contracts/tracker.ts";

export async function readJson(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path, "utf8"));
}

export async function readLines(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** A run as the file tracker's readable files tell it. */
export async function readRunFiles(runDir: string): Promise<KeptRun> {
  const summary = await readJson(join(runDir, "run_summary.json"));
  const params = await readJson(join(runDir, "params.json")).catch(() => ({}));
  const lines = await readLines(join(runDir, "metrics.jsonl"));
  const files = await readdir(join(runDir, "artifacts"), { recursive: true }).catch(() => []);
  return {
    experiment: String(summary["experiment_name"]),
    status: String(summary["status"]),
    params: Object.fromEntries(
      Object.entries(params).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
    tags: summary["tags"] as Record<string, string>,
    points: lines.map(({ name, value, step, time }) => ({
      name: String(name),
      value: value as number | string,
      step: Number(step),
      time: Number(time),
    })),
    artifacts: files,
  };
}
