import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Comparison,
  type ExperimentHeader,
  evaluateExperiment,
  HydraConfigManager,
  openRun,
  type TrainingRun,
  TTMTrainer,
} from "../../src/experiment/index.ts";
import { readJson, readMetrics, type TinyExperiment, tinyExperiment } from "./tiny-experiment.ts";

let tiny: TinyExperiment;
beforeAll(async () => {
  tiny = await tinyExperiment();
});
afterAll(() => tiny.remove());

const train = (overrides: readonly string[] = [], options = {}): Promise<TrainingRun> =>
  new TTMTrainer({
    configManager: new HydraConfigManager({ overrides: tiny.words }),
    overrides,
    ...options,
  }).train();

describe("TTMTrainer, a run with adapters", () => {
  let run: TrainingRun;
  let header: ExperimentHeader | undefined;
  let comparison: Comparison | undefined;
  beforeAll(async () => {
    const reporter = {
      header: (value: ExperimentHeader) => {
        header = value;
      },
      comparison: (value: Comparison) => {
        comparison = value;
      },
    };
    run = await train([], { reporter, tags: { team: "hydro" }, runName: "first", parentRunId: "sweep-1" });
  });

  it("leaves the files of a run, and nothing else", () => {
    expect(run.runDir).toMatch(/experiments\/waves\/\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d/);
    expect(tiny.files(run.runDir)).toEqual([
      ".hydra/config.yaml",
      ".hydra/hydra.yaml",
      ".hydra/overrides.yaml",
      "adapter/README.md",
      "adapter/adapter_config.json",
      "adapter/adapter_model.safetensors",
      "config.json",
      "evaluation.json",
      "journal.jsonl",
      "metrics.jsonl",
      "model_info.json",
      "params.json",
      "run_summary.json",
    ]);
  });

  it("sums the run up under the fixed names", () => {
    const summary = readJson(run.runDir, "run_summary.json");
    const weights = readFileSync(join(tiny.modelDir, "model.safetensors"));
    expect(summary).toMatchObject({
      run_id: run.runId,
      run_name: "first",
      parent_run_id: "sweep-1",
      experiment_name: "waves",
      status: "completed",
      tags: { team: "hydro" },
      weights: {
        source: tiny.modelDir,
        revision: null,
        sha256: createHash("sha256").update(weights).digest("hex"),
      },
    });
    expect(Date.parse(summary.ended_at)).toBeGreaterThanOrEqual(Date.parse(summary.started_at));
    expect(summary.metrics).toMatchObject({ ...run.metrics });
    expect(Object.keys(run.metrics)).toEqual([
      "test_mse",
      "test_mae",
      "zero_shot_test_mse",
      "zero_shot_test_mae",
      "naive_test_mse",
      "naive_test_mae",
      "best_epoch",
      "best_val_loss",
      "trainable_parameters",
      "total_parameters",
    ]);
  });

  it("learns", () => {
    expect(run.metrics["best_epoch"]).toBe(2);
    expect(run.metrics["test_mse"]).toBeLessThan(run.metrics["zero_shot_test_mse"] ?? 0);
  });

  it("logs loss, rate and gradient norm of every step, and the validation loss of every epoch", () => {
    // 420 rows of training make 379 windows: 12 batches of 32 in each of 2 epochs.
    const points = readMetrics(run.runDir);
    for (const name of ["train_loss", "learning_rate", "grad_norm"]) {
      const steps = points.filter((point) => point.name === name);
      expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
      expect(steps.every(({ value }) => Number.isFinite(value))).toBe(true);
    }
    const validation = points.filter(({ name }) => name === "val_loss");
    expect(validation.map(({ step }) => step)).toEqual([12, 24]);
    expect(validation.map(({ epoch }) => Math.round(epoch ?? 0))).toEqual([1, 2]);
  });

  it("writes the params, the config and the model's card", () => {
    expect(readJson(run.runDir, "params.json")).toMatchObject({
      "training.lora_rank": 2,
      "lora.rank": 2,
      "data.source_name": "csv",
      "model.path": tiny.modelDir,
    });
    expect(readJson(run.runDir, "config.json")).toEqual(run.config);
    expect(readJson(run.runDir, "model_info.json")).toMatchObject({
      name: "adapter",
      path: "adapter",
      family: "ttm",
      context_length: 32,
      prediction_length: 10,
      trainable: run.metrics["trainable_parameters"],
    });
    expect(readJson(run.runDir, "adapter/adapter_config.json")).toMatchObject({ peft_type: "LORA", r: 2 });
  });

  it("says in the files what each column's error is", () => {
    const { fine_tuned: tuned } = readJson(run.runDir, "evaluation.json");
    expect(Object.keys(tuned.per_channel)).toEqual(["load", "heat"]);
    const { load, heat } = tuned.per_channel;
    expect((load.mse + heat.mse) / 2).toBeCloseTo(tuned.mse, 10);
  });

  it("tells the reporter what runs and how it compares", () => {
    expect(header).toMatchObject({
      experimentName: "waves",
      weights: expect.stringContaining(tiny.modelDir),
      data: { name: "csv", rows: 600, channels: 2 },
      windows: { train: 379 },
      method: "LoRA, rank 2",
    });
    expect(comparison?.fineTuned?.mse).toBe(run.metrics["test_mse"]);
  });

  it("is evaluated again from its folder, to the same numbers", async () => {
    const { naive, zeroShot, fineTuned } = await evaluateExperiment(openRun(run.runDir));
    expect([fineTuned?.mse, fineTuned?.mae, zeroShot.mse, naive.mse]).toEqual([
      run.metrics["test_mse"],
      run.metrics["test_mae"],
      run.metrics["zero_shot_test_mse"],
      run.metrics["naive_test_mse"],
    ]);
  });

  it("gives the same numbers when it is run again", async () => {
    expect((await train()).metrics).toEqual(run.metrics);
  });
});

describe("TTMTrainer, every weight", () => {
  it("saves a checkpoint that model.path takes", async () => {
    const run = await train(["training.lora_rank=null"]);
    expect(run.metrics["trainable_parameters"]).toBeGreaterThan(1_000);
    expect(tiny.files(join(run.runDir, "model"))).toEqual(["config.json", "model.safetensors"]);
    const untrained = await train([`model.path=${join(run.runDir, "model")}`, "training.num_epochs=0"]);
    expect(untrained.metrics["zero_shot_test_mse"]).toBeCloseTo(run.metrics["test_mse"] ?? 0, 6);
    const again = await evaluateExperiment(openRun(run.runDir));
    expect(again.fineTuned?.mse).toBe(run.metrics["test_mse"]);
  });
});

describe("TTMTrainer, without training", () => {
  it("evaluates and saves no adapter", async () => {
    const run = await train(["training.num_epochs=0"]);
    expect(run.modelDir).toBeNull();
    expect(run.metrics["test_mse"]).toBe(run.metrics["zero_shot_test_mse"]);
    expect(existsSync(join(run.runDir, "adapter"))).toBe(false);
    expect(openRun(run.runDir).modelDir).toBeNull();
  });
});

describe("TTMTrainer, runs that do not end well", () => {
  it("records a failure with its error", async () => {
    const runDir = join(tiny.root, "failing");
    const failing = train(["data.target_columns=[lode]"], { runDir });
    await expect(failing).rejects.toMatchObject({ code: "DATA_NO_COLUMN" });
    expect(readJson(runDir, "run_summary.json")).toMatchObject({
      status: "failed",
      error: { code: "DATA_NO_COLUMN", message: expect.stringContaining("lode") },
      ended_at: expect.any(String),
    });
  });

  it("keeps the best epoch so far when it is stopped, and says that it was", async () => {
    const runDir = join(tiny.root, "stopped");
    const controller = new AbortController();
    const reporter = {
      step: ({ step }: { step: number }) => {
        // in the middle of the second epoch
        if (step === 18) controller.abort();
      },
    };
    const stopped = train(["training.num_epochs=50"], { runDir, reporter, signal: controller.signal });
    await expect(stopped).rejects.toThrow();
    const summary = readJson(runDir, "run_summary.json");
    expect(summary).toMatchObject({ status: "killed", ended_at: expect.any(String) });
    expect(summary).not.toHaveProperty("error");
    expect(tiny.files(join(runDir, "adapter"))).toContain("adapter_model.safetensors");
    const { fineTuned, zeroShot } = await evaluateExperiment(openRun(runDir));
    expect(fineTuned?.mse).not.toBe(zeroShot.mse);
  });

  it("refuses weights that do not fit their config.json", async () => {
    const run = train(["+model.overrides.d_model=24"], { runDir: join(tiny.root, "misfit") });
    await expect(run).rejects.toMatchObject({ code: expect.stringMatching(/^MODEL_/) });
  });

  it("says that a folder is no run's", () => {
    expect(() => openRun(tiny.root)).toThrow(expect.objectContaining({ code: "EXPERIMENT_BAD_FILE" }));
  });
});
