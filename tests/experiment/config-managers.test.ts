import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  FixedConfigManager,
  HydraConfigManager,
  packagedConfigDir,
  SimpleConfigManager,
  TTMTrainer,
} from "../../src/experiment/index.ts";
import { type TinyExperiment, tinyExperiment } from "./tiny-experiment.ts";

let tiny: TinyExperiment;
beforeAll(async () => {
  tiny = await tinyExperiment();
});
afterAll(() => tiny.remove());

function plainFile(text: string): SimpleConfigManager {
  const file = join(tiny.root, "plain.yaml");
  writeFileSync(file, text);
  return new SimpleConfigManager(file);
}

const seedFile = `
model: {path: /models/ttm}
data: {source_name: ett_h2}
training: {batch_size: 32, learning_rate: 5e-4, num_epochs: 3, mixed_precision: false, lora_rank: 4}
experiment_name: mine
output_dir: /tmp/runs
`;

describe("HydraConfigManager", () => {
  it("gives the typed config with the YAML's own keys", () => {
    const config = new HydraConfigManager().loadConfig(["training.lora_rank=4", "model.path=/m"]);
    expect([config.training.lora_rank, config.lora.rank, config.model.path]).toEqual([4, 4, "/m"]);
  });

  it("composes from a folder of the user's own, and trains from it as one line says", async () => {
    const configDir = join(tiny.root, "conf");
    cpSync(packagedConfigDir, configDir, { recursive: true });
    writeFileSync(join(configDir, "mine.yaml"), "defaults: [config, _self_]\nseed: 9\n");
    const trainer = new TTMTrainer({
      configManager: new HydraConfigManager({ configDir, configName: "mine" }),
      overrides: [...tiny.words, "training.num_epochs=1"],
    });
    const { runDir, config } = await trainer.train();
    expect(config.seed).toBe(9);
    const hydra = (name: string) => parse(readFileSync(join(runDir, ".hydra", name), "utf8"));
    expect(hydra("config.yaml")).toMatchObject({ seed: 9, lora: { rank: "${training.lora_rank}" } });
    expect(hydra("overrides.yaml")).toEqual([...tiny.words, "training.num_epochs=1"]);
    expect(hydra("hydra.yaml").hydra.runtime.output_dir).toBe(runDir);
  });

  it("saves what it reads back", async () => {
    const manager = new HydraConfigManager();
    const config = manager.loadConfig(["+experiment=ibm_fewshot", "data=ett_h1", "lora=all_linear"]);
    const configDir = join(tiny.root, "saved");
    await manager.saveConfig(config, join(configDir, "config.yaml"));
    expect(new HydraConfigManager({ configDir }).loadConfig()).toEqual(config);
  });

  it("checks plain data", () => {
    const manager = new HydraConfigManager();
    const config = manager.loadConfig();
    expect(manager.validateConfig(structuredClone(config))).toEqual(config);
    const wrong = { ...config, training: { ...config.training, lora_rank: 0 } };
    expect(() => manager.validateConfig(wrong)).toThrow(/'training.lora_rank' is 0: a rank is at least 1/);
  });

  it("has no folder before it has an experiment", () => {
    const open = () => new HydraConfigManager().openRunFolder();
    expect(open).toThrow(expect.objectContaining({ code: "EXPERIMENT_NOT_LOADED" }));
  });
});

describe("SimpleConfigManager", () => {
  it("lays a file with the first keys over the defaults", () => {
    const config = plainFile(seedFile).loadConfig();
    expect(config).toMatchObject({
      model: { path: "/models/ttm" },
      data: { source_name: "ett_h2", season_length: 24 },
      training: { batch_size: 32, learning_rate: 5e-4, num_epochs: 3, lora_rank: 4, loss: "mse" },
      lora: { rank: 4 },
      experiment_name: "mine",
      output_dir: "/tmp/runs",
    });
  });

  it("takes null for every weight", () => {
    expect(plainFile("training: {lora_rank: null}\n").loadConfig().lora.rank).toBeNull();
  });

  it("takes a csv file as the data", () => {
    const { data } = plainFile(`data: {source_name: ${tiny.csv}}\n`).loadConfig();
    expect(data).toMatchObject({ source_name: "csv", path: tiny.csv });
  });

  it.each(["ett_h2", "the csv"])("saves what it reads back: %s", async (source) => {
    const name = source === "the csv" ? tiny.csv : source;
    const manager = plainFile(seedFile.replace("ett_h2", name));
    const config = manager.loadConfig();
    const file = join(tiny.root, "again.yaml");
    await manager.saveConfig(config, file);
    expect(new SimpleConfigManager(file).loadConfig()).toEqual(config);
    expect(Object.keys(parse(readFileSync(file, "utf8")))).toEqual([
      "model",
      "data",
      "training",
      "experiment_name",
      "output_dir",
    ]);
  });

  it.each<[string, string, RegExp]>([
    ["an unknown key", "trainig: {num_epochs: 1}\n", /plain.yaml:1:/],
    ["a rank of 0", "training:\n  lora_rank: 0\n", /plain.yaml:2:14/],
    ["a wrong type", "training:\n  num_epochs: many\n", /plain.yaml:2:15/],
    ["unknown data", "data: {source_name: moon}\n", /data.source_name/],
    ["broken YAML", "training: [\n", /plain.yaml/],
    ["a list", "- 1\n", /plain.yaml/],
  ])("names the place of %s", (_, text, where) => {
    const load = () => plainFile(text).loadConfig();
    expect(load).toThrow(
      expect.objectContaining({ where: { text: expect.stringMatching(where) }, fix: expect.any(String) }),
    );
  });

  it("says that a file is missing", () => {
    const load = () => new SimpleConfigManager("nowhere.yaml").loadConfig();
    expect(load).toThrow(expect.objectContaining({ code: "EXPERIMENT_BAD_FILE" }));
  });

  it("trains", async () => {
    const text = `
model: {path: ${tiny.modelDir}}
data: {source_name: ${tiny.csv}}
training: {num_epochs: 1, lora_rank: 2}
experiment_name: simple
output_dir: ${join(tiny.root, "plain-runs")}
`;
    const { runDir, metrics } = await new TTMTrainer({ configManager: plainFile(text) }).train();
    expect(runDir).toContain(join("plain-runs", "simple"));
    expect(metrics["best_epoch"]).toBe(1);
  });
});

describe("FixedConfigManager", () => {
  it("hands on an experiment that a program made, and takes no words", () => {
    const config = new HydraConfigManager().loadConfig();
    const manager = new FixedConfigManager(config);
    expect(manager.loadConfig()).toBe(config);
    expect(() => manager.loadConfig(["a=1"])).toThrow(
      expect.objectContaining({ code: "EXPERIMENT_BAD_FILE" }),
    );
  });
});
