import { validateTree } from "../../config/index.ts";
import { ExperimentError } from "../errors.ts";
import { experimentSchema, type TTMExperimentConfig } from "../schema.ts";
import { treeOf } from "./save-yaml.ts";

/**
 * Checks plain data against the experiment's schema.
 *
 * @throws {ConfigError} CONFIG_INVALID_VALUE, CONFIG_UNKNOWN_KEY with the key, the value and what was expected
 */
export function validateConfig(value: unknown): TTMExperimentConfig {
  const tree = treeOf(value);
  if (tree.kind === "map") return validateTree(tree, experimentSchema);
  throw new ExperimentError("EXPERIMENT_BAD_FILE", "an experiment is a mapping of keys to values", {
    fix: "give an object with the sections model, data, training, …",
  });
}
