import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Random } from "../../src/core/index.ts";
import { saveModelFolder } from "../../src/experiment/save-model-folder.ts";
import { createTtm } from "../../src/models/index.ts";

/** 32 rows of context, 10 steps ahead; a few thousand weights. */
const tinyConfig = {
  context_length: 32,
  patch_length: 8,
  patch_stride: 8,
  num_input_channels: 2,
  prediction_length: 10,
  d_model: 16,
  num_layers: 1,
  adaptive_patching_levels: 2,
  decoder_d_model: 8,
  decoder_num_layers: 1,
};

/** A folder with a small checkpoint and a small csv file, and the override words that train on them within a second or two. */
export interface TinyExperiment {
  readonly root: string;
  readonly modelDir: string;
  readonly csv: string;
  readonly words: readonly string[];
  /** Every file below a folder, sorted. */
  files(folder: string): string[];
  remove(): void;
}

export async function tinyExperiment(): Promise<TinyExperiment> {
  const root = mkdtempSync(join(tmpdir(), "ttm-experiment-"));
  const modelDir = join(root, "checkpoint");
  const model = createTtm({ config: tinyConfig, weights: "random", random: Random.fromSeed(7) });
  await saveModelFolder(modelDir, model, model.weights);
  const csv = join(root, "waves.csv");
  writeFileSync(csv, waves(600));
  return {
    root,
    modelDir,
    csv,
    words: [
      `model.path=${modelDir}`,
      "data=csv",
      `data.path=${csv}`,
      "data.time_column=date",
      "data.season_length=24",
      "training.num_epochs=2",
      "training.batch_size=32",
      "training.lora_rank=2",
      "runtime.workers=1",
      "experiment_name=waves",
      `output_dir=${join(root, "experiments")}`,
    ],
    files: (folder) =>
      walk(folder)
        .map((file) => relative(folder, file))
        .sort(),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Two hourly columns: a daily wave with a trend, and a weekly one. */
function waves(rows: number): string {
  const start = Date.UTC(2024, 0, 1);
  const lines = Array.from({ length: rows }, (_, row) => {
    const date = new Date(start + row * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
    const day = Math.sin((2 * Math.PI * row) / 24) + row / 500;
    const week = Math.cos((2 * Math.PI * row) / 168) + 0.3 * Math.sin(row * row);
    return `${date},${day.toFixed(5)},${week.toFixed(5)}`;
  });
  return `date,load,heat\n${lines.join("\n")}\n`;
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

export function readJson(...parts: string[]) {
  return JSON.parse(readFileSync(join(...parts), "utf8"));
}

/** The points of a `metrics.jsonl`. */
export function readMetrics(
  runDir: string,
): { name: string; value: number; step: number; epoch?: number; time: number }[] {
  const lines = readFileSync(join(runDir, "metrics.jsonl"), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}
