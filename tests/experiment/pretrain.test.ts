import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ExperimentReporter,
  evaluateExperiment,
  HydraConfigManager,
  type TrainingRun,
  TTMTrainer,
} from "../../src/experiment/index.ts";
import { readJson, readMetrics, type TinyExperiment, tinyExperiment } from "./tiny-experiment.ts";

let tiny: TinyExperiment;
let words: string[];
beforeAll(async () => {
  tiny = await tinyExperiment();
  words = [
    "+experiment=pretrain",
    ...tiny.words.filter((word) => !/^training\./.test(word)),
    "training.batch_size=16",
    "pretraining.steps=12",
    "pretraining.validation_series=32",
    "pretraining.validate_every=5",
    "pretraining.checkpoint_every=4",
  ];
});
afterAll(() => tiny.remove());

function pretrain(name: string, more: readonly string[] = [], options = {}): Promise<TrainingRun> {
  return new TTMTrainer({
    configManager: new HydraConfigManager(),
    overrides: [...words, ...more],
    runDir: join(tiny.root, name),
    ...options,
  }).train();
}

const weightsOf = (name: string) => readFileSync(join(tiny.root, name, "model/model.safetensors"));

describe("a pretraining", { timeout: 300_000 }, () => {
  let run: TrainingRun;
  beforeAll(async () => {
    run = await pretrain("whole");
  }, 300_000);

  it("leaves a model that model.path takes, and forecasts the data that it has not seen", async () => {
    const { zeroShot } = await evaluateExperiment({
      config: { ...run.config, model: { ...run.config.model, path: run.modelDir, weights: "auto" } },
      modelDir: null,
    });
    expect(zeroShot.mse).toBe(run.metrics["zero_shot_test_mse"]);
    expect(readJson(tiny.root, "whole", "evaluation.json").fine_tuned).toBeNull();
  });

  it("records losses by step, and ends like every run", () => {
    const metrics = readMetrics(run.runDir);
    expect(metrics.filter(({ name }) => name === "train_loss").map(({ step }) => step)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
    expect(metrics.filter(({ name }) => name === "val_loss").map(({ step }) => step)).toEqual([
      5, 10, 12, 12,
    ]);
    expect(readJson(tiny.root, "whole", "run_summary.json")).toMatchObject({ status: "completed" });
  });

  it("writes a model card: the command, the seed, the settings, the errors", () => {
    const card = readFileSync(join(run.runDir, "model/README.md"), "utf8");
    expect(card).toContain("license: apache-2.0");
    expect(card).toMatch(/ttm pretrain .*seed=42 .*pretraining.steps=12/);
    expect(card).toContain("12 of 16 fresh series: 192 series in all");
    expect(card).toContain(run.metrics["zero_shot_test_mse"]?.toFixed(4));
    expect(card).toContain("synthetic series only");
  });

  it("goes on where it was interrupted, to the same bytes", async () => {
    const stop = new AbortController();
    const reporter: ExperimentReporter = {
      step: ({ step }) => {
        if (step === 7) stop.abort();
      },
    };
    await expect(pretrain("again", [], { signal: stop.signal, reporter })).rejects.toMatchObject({
      code: "EXPERIMENT_INTERRUPTED",
      fix: expect.stringContaining("ttm --resume"),
    });
    await pretrain("again", [], { resume: true });
    expect(weightsOf("again")).toEqual(weightsOf("whole"));
  });

  it("may be given another number of steps before its rate falls", async () => {
    const stop = new AbortController();
    const reporter: ExperimentReporter = {
      step: ({ step }) => {
        if (step === 5) stop.abort();
      },
    };
    await expect(
      pretrain("longer", ["pretraining.steps=1000"], { signal: stop.signal, reporter }),
    ).rejects.toMatchObject({ code: "EXPERIMENT_INTERRUPTED" });
    await pretrain("longer");
    expect(weightsOf("longer")).toEqual(weightsOf("whole"));
  });

  it("refuses a folder with the checkpoint of another one", async () => {
    await expect(pretrain("whole", ["seed=43"])).rejects.toMatchObject({ code: "TRAIN_BAD_CHECKPOINT" });
  });

  it("mixes the user's files in, and says so", async () => {
    const files = `pretraining.files=[${tiny.csv}]`;
    const { runDir } = await pretrain("mixed", [files]);
    expect(weightsOf("mixed")).not.toEqual(weightsOf("whole"));
    expect(readFileSync(join(runDir, "model/README.md"), "utf8")).toContain("on 1 file");
  });
});

it("trains a Chronos-Bolt, too: its quantiles by their loss", { timeout: 300_000 }, async () => {
  const architecture =
    "model.architecture={model_type:t5,d_model:16,d_ff:32,d_kv:8,num_heads:2,num_layers:1,num_decoder_layers:1," +
    "feed_forward_proj:relu,dropout_rate:0.1,layer_norm_epsilon:1e-6,initializer_factor:0.05,chronos_config:" +
    "{context_length:32,prediction_length:10,input_patch_size:8,input_patch_stride:8,quantiles:[0.1,0.5,0.9],use_reg_token:true}}";
  const chronos = ["model=chronos_bolt_tiny", "model.path=null", "model.context_length=32", architecture];
  const { metrics } = await pretrain("chronos", [...chronos, "training.loss=quantile"]);
  expect(metrics["val_loss"]).toBeGreaterThan(0);
  expect(metrics["zero_shot_test_mse"]).toBeGreaterThan(0);
});
