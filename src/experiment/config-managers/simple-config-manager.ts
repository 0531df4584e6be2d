import { existsSync, readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { z } from "zod";
import { compose, loadYaml, toPlain, validate, validateTree } from "../../config/index.ts";
import { ExperimentError } from "../errors.ts";
import { packagedConfigDir } from "../packaged-config.ts";
import { experimentSchema, type TTMExperimentConfig } from "../schema.ts";
import type { ConfigManager } from "./config-manager.ts";
import { saveYaml } from "./save-yaml.ts";
import { validateConfig } from "./validate-config.ts";

const { model, data, training, experiment_name, output_dir } = experimentSchema.shape;
const trainingKeys = {
  batch_size: true,
  learning_rate: true,
  num_epochs: true,
  mixed_precision: true,
  lora_rank: true,
} as const;

/** The keys of a first config file; everything else has its default. */
const simpleSchema = z
  .strictObject({
    model: model.pick({ path: true }).partial(),
    data: z.strictObject({ source_name: data.shape.source_name }).partial(),
    training: training.pick(trainingKeys).partial(),
    experiment_name,
    output_dir,
  })
  .partial();

/**
 * One plain YAML file without composition, with just the keys `model.path`, `data.source_name`, `training.*`,
 * `experiment_name` and `output_dir`. `data.source_name` is a dataset that ships with a config (`ett_h1`), or a CSV file.
 */
export class SimpleConfigManager implements ConfigManager {
  readonly #file: string | undefined;

  constructor(file?: string) {
    this.#file = file;
  }

  /** @param overrides  refused: a plain file is not composed */
  loadConfig(overrides: readonly string[] = []): TTMExperimentConfig {
    const file = this.#file;
    if (overrides.length > 0 || file === undefined) {
      throw new ExperimentError(
        "EXPERIMENT_BAD_FILE",
        file === undefined ? "no file was named" : "a plain file takes no override words",
        {
          where: overrides.join(" ") || "SimpleConfigManager",
          fix: "new SimpleConfigManager(FILE), or HydraConfigManager for overrides",
        },
      );
    }
    if (!existsSync(file)) {
      throw new ExperimentError("EXPERIMENT_BAD_FILE", "the config file is not there", {
        where: file,
        fix: "check the path after --config",
      });
    }
    const tree = loadYaml(readFileSync(file, "utf8"), relative(process.cwd(), resolve(file)));
    if (tree.kind !== "map") {
      throw new ExperimentError("EXPERIMENT_BAD_FILE", "the file holds no mapping", {
        where: file,
        fix: "write `experiment_name: mine`",
      });
    }
    return withDefaults(validateTree(tree, simpleSchema), toPlain(tree));
  }

  validateConfig(value: unknown): TTMExperimentConfig {
    return validateConfig(value);
  }

  /** Writes the simple keys only. */
  async saveConfig(config: TTMExperimentConfig, file: string): Promise<void> {
    const { batch_size, learning_rate, num_epochs, mixed_precision, lora_rank } = config.training;
    await saveYaml(
      {
        model: { path: config.model.path },
        data: {
          source_name:
            config.data.path !== null && !config.data.path.startsWith("package://")
              ? config.data.path
              : config.data.source_name,
        },
        training: { batch_size, learning_rate, num_epochs, mixed_precision, lora_rank },
        experiment_name: config.experiment_name,
        output_dir: config.output_dir,
      },
      file,
    );
  }
}

type SimpleConfig = z.infer<typeof simpleSchema>;

/** The packaged defaults with the file's values laid over. */
function withDefaults(simple: SimpleConfig, plain: unknown): TTMExperimentConfig {
  const composition = compose({
    configDir: packagedConfigDir,
    configName: "config",
    overrides: dataWords(simple.data?.source_name),
    mode: "RUN",
    job: { name: "ttm" },
  });
  const base = validate(composition, experimentSchema);
  const { data, ...rest } = plain as Record<string, unknown>;
  const merged = merge(base, rest);
  const lora = {
    ...base.lora,
    rank: simple.training?.lora_rank === undefined ? base.lora.rank : simple.training.lora_rank,
  };
  return validateConfig({ ...(merged as object), lora });
}

/** The override words that choose a dataset by its name, or the user's own file by its path. */
function dataWords(name: string | undefined): string[] {
  if (name === undefined) return [];
  const option = compose({
    configDir: packagedConfigDir,
    configName: "config",
    overrides: [],
    mode: "RUN",
  }).groupOptions("data");
  if (option.includes(name)) return [`data=${name}`];
  if (existsSync(name)) return ["data=csv", `data.path='${name.replaceAll("'", "\\'")}'`];
  throw new ExperimentError("EXPERIMENT_BAD_FILE", `'${name}' is neither a dataset nor a file`, {
    where: "data.source_name",
    fix: `name one of ${option.join(", ")}, or the path of a CSV file`,
  });
}

function merge(base: unknown, over: unknown): unknown {
  if (
    typeof base !== "object" ||
    typeof over !== "object" ||
    base === null ||
    over === null ||
    Array.isArray(over)
  )
    return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over))
    merged[key] = key in merged ? merge(merged[key], value) : value;
  return merged;
}
