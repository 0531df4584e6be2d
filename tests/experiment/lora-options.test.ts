import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  evaluateExperiment,
  HydraConfigManager,
  openRun,
  registerTrainingCallback,
  TTMTrainer,
} from "../../src/experiment/index.ts";
import { readJson, readMetrics, type TinyExperiment, tinyExperiment } from "./tiny-experiment.ts";

let tiny: TinyExperiment;
beforeAll(async () => {
  tiny = await tinyExperiment();
});
afterAll(() => tiny.remove());

async function train(...words: string[]) {
  const notes: string[] = [];
  const methods: string[] = [];
  const run = await new TTMTrainer({
    configManager: new HydraConfigManager({
      overrides: [...tiny.words, "training.num_epochs=1", "training.learning_rate=1e-2", ...words],
    }),
    reporter: {
      note: (text) => void notes.push(text),
      header: ({ method, chosen = "" }) => void methods.push(method, chosen),
    },
  }).train();
  const trained: { name: string }[] = readJson(run.runDir, "model_info.json").trained_tensors;
  return { run, notes, methods, trained: trained.map(({ name }) => name) };
}

describe("one option of the group lora", () => {
  it.each([
    ["dora", "DoRA, rank 2", /magnitude/],
    ["rslora", "rsLoRA, rank 2", /lora_A/],
    ["loraplus", "LoRA, rank 2", /lora_B/],
    ["pissa", "LoRA, rank 2, pissa start", /lora_A/],
    ["olora", "LoRA, rank 2, olora start", /lora_A/],
    ["bitfit", "chosen weights (biases)", /bias$/],
    ["head", "chosen weights (head)", /^head\./],
    ["full", "every weight", /^decoder\./],
  ])("%s trains, and is evaluated again to the same numbers", async (option, method, name) => {
    const { run, methods, trained } = await train(`lora=${option}`);
    expect(methods[0]).toBe(method);
    expect(trained.some((tensor) => name.test(tensor))).toBe(true);
    if (method.startsWith("chosen")) expect(trained.every((tensor) => name.test(tensor))).toBe(true);
    expect(run.metrics["test_mse"]).not.toBe(run.metrics["zero_shot_test_mse"]);
    const { fineTuned, zeroShot } = await evaluateExperiment(openRun(run.runDir));
    expect(fineTuned?.mse).toBe(run.metrics["test_mse"]);
    expect(zeroShot.mse).toBe(run.metrics["zero_shot_test_mse"]);
  });

  it("says before training which layers are adapted, and which entries matched nothing", async () => {
    const { methods, notes } = await train("lora.target_modules=[fc1,attn_layer,fc3]", "lora.bias=lora_only");
    expect(methods[1]).toMatch(
      /^\d+ layers: (fc1 ×\d+, attn_layer ×\d+|attn_layer ×\d+, fc1 ×\d+); \d+ biases$/,
    );
    expect(notes).toContainEqual(
      expect.stringMatching(/target_modules: 'fc3' matches nothing; did you mean/),
    );
  });

  it("says what there is to choose where a choice of weights matches nothing", async () => {
    const wrong = train("lora=head", "lora.trained_weights=[haed]");
    await expect(wrong).rejects.toMatchObject({
      code: "LORA_NO_TARGET",
      fix: expect.stringContaining("'head'"),
    });
  });

  it("LoRA+ changes what is learnt, by the rate of B alone", async () => {
    const [plain, plus] = [await train("seed=3"), await train("seed=3", "lora.loraplus_lr_ratio=8")];
    expect(plus.run.metrics["test_mse"]).not.toBe(plain.run.metrics["test_mse"]);
  });
});

describe("parameter groups", () => {
  it("freeze what a factor of 0 says, and name what matched nothing", async () => {
    const groups = "optimizer.groups=[{params: 'lora_A', lr_factor: 0.0},{params: 'nothing'}]";
    const { run, notes } = await train(groups, "optimizer.weight_decay=0.0");
    expect(notes).toContain("optimizer.groups: 'nothing' matches none of the trained tensors");
    const fresh = await train("training.learning_rate=1e-12", "optimizer.weight_decay=0.0");
    const tensors = async (dir: string) =>
      (await import("../../src/onnx/index.ts")).readSafetensors(
        join(dir, "adapter/adapter_model.safetensors"),
      ).tensors;
    const [frozen, start] = [await tensors(run.runDir), await tensors(fresh.run.runDir)];
    for (const [name, tensor] of frozen) {
      if (name.includes("lora_A")) expect(tensor.data[0]).toBeCloseTo(Number(start.get(name)?.data[0]), 6);
      else expect(tensor.data).not.toEqual(start.get(name)?.data);
    }
  });
});

describe("other settings of training", () => {
  it.each([
    ["training.ema_decay=0.8"],
    ["training.clip_value=0.01"],
    ["optimizer.decay_on=matrices", "lora=bitfit", "optimizer.weight_decay=0.5"],
    ["scheduler=plateau"],
    ["scheduler=constant", "scheduler.warmup_fraction=0.5"],
    ["+training.callbacks.gradient_histograms.every_steps=4"],
  ])("%s trains", async (...words) => {
    const { run } = await train(...words);
    expect(run.metrics["test_mse"]).not.toBe(run.metrics["zero_shot_test_mse"]);
  });

  it("training.metrics become closing numbers, of the untrained model too", async () => {
    const { run } = await train("training.metrics=[rmse,mase,r2]");
    const { metrics } = run;
    expect(metrics["test_rmse"]).toBeCloseTo(Math.sqrt(metrics["test_mse"] ?? 0), 6);
    expect(metrics["zero_shot_test_rmse"]).toBeCloseTo(Math.sqrt(metrics["zero_shot_test_mse"] ?? 0), 6);
    expect(metrics["test_mase"]).toBeGreaterThan(0);
    expect(readJson(run.runDir, "evaluation.json").fine_tuned.r2).toBe(metrics["test_r2"]);
    const wrong = train("training.metrics=[wql]");
    await expect(wrong).rejects.toMatchObject({ code: "TRAIN_WRONG_METRIC" });
  });

  it("a callback of the program's own hears everything, and may end training", async () => {
    const heard: string[] = [];
    const run = await new TTMTrainer({
      configManager: new HydraConfigManager({ overrides: [...tiny.words, "training.num_epochs=9"] }),
      callbacks: [
        {
          start: ({ totalSteps }) => void heard.push(`start ${totalSteps}`),
          evaluation: ({ epoch }) => void heard.push(`evaluation ${epoch}`),
          epoch: ({ epoch }, { stop }) => {
            heard.push(`epoch ${epoch}`);
            if (epoch === 2) stop("early");
          },
          end: ({ end }) => void heard.push(`end ${end}`),
        },
      ],
    }).train();
    expect(heard).toEqual(["start 108", "evaluation 1", "epoch 1", "evaluation 2", "epoch 2", "end early"]);
    expect(run.metrics["best_epoch"]).toBeGreaterThan(0);
  });

  it("a callback registered under a name is switched on by the config", async () => {
    registerTrainingCallback("good_enough", ({ settings, log }) => ({
      evaluation: ({ loss, step }, { stop }) => {
        log({ distance: loss - Number(settings["loss"]) }, { step });
        if (loss < Number(settings["loss"])) stop("early");
      },
    }));
    const { run } = await train("training.num_epochs=9", "+training.callbacks.good_enough.loss=1e9");
    expect(readMetrics(run.runDir).filter(({ name }) => name === "distance")).toHaveLength(1);
  });

  it("a callback that nobody registered is named", async () => {
    const wrong = train("+training.callbacks.gradient_histogram={}");
    await expect(wrong).rejects.toMatchObject({
      code: "EXPERIMENT_NO_CALLBACK",
      fix: expect.stringContaining("gradient_histograms"),
    });
    const bad = train("+training.callbacks.gradient_histograms.every=4");
    await expect(bad).rejects.toMatchObject({ code: "EXPERIMENT_BAD_CALLBACK" });
  });
});
