import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { float32Of, readSafetensors, type Tensor } from "../onnx/index.ts";
import { checkTensors } from "./check-tensors.ts";
import { LoraError } from "./errors.ts";
import type { LoraAdapter } from "./merge-adapters.ts";
import type { LoraModules } from "./modules.ts";
import { parseLoraConfig } from "./parse-lora-config.ts";
import { planAdapters } from "./plan-adapters.ts";
import { CONFIG_FILE, WEIGHTS_FILE } from "./save-adapter.ts";

/** An adapter read from a folder, and what its settings say of the base. */
export interface StoredAdapter extends LoraAdapter {
  readonly baseModel: string | null;
  readonly revision: string | null;
}

/**
 * Reads a folder as PEFT writes it and holds it against the base model. Half-precision tensors become float32.
 *
 * @throws {LoraError} LORA_NO_ADAPTER, LORA_BAD_FILE, LORA_UNSUPPORTED for a variant that would change the mathematics,
 *   LORA_MISSING_TENSOR and LORA_UNEXPECTED_TENSOR with the nearest key, LORA_BAD_SHAPE, and what planning throws
 * @throws {OnnxError} SAFETENSORS_BAD_FILE
 */
export async function loadAdapter(directory: string, modules: LoraModules): Promise<StoredAdapter> {
  const stored = await readConfig(directory);
  const config = parseLoraConfig(stored, join(directory, CONFIG_FILE));
  const file = requireFile(directory, WEIGHTS_FILE);
  const tensors = new Map<string, Tensor>();
  for (const [key, tensor] of readSafetensors(file).tensors) tensors.set(key, float32Of(tensor));
  const plan = planAdapters(config, modules, modules.weights ?? new Map());
  return {
    config: plan.config,
    tensors: checkTensors(plan, tensors, file),
    baseModel: textOf(stored["base_model_name_or_path"]),
    revision: textOf(stored["revision"]),
  };
}

async function readConfig(directory: string): Promise<Readonly<Record<string, unknown>>> {
  const file = requireFile(directory, CONFIG_FILE);
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new LoraError("LORA_BAD_FILE", `${CONFIG_FILE} is not valid JSON`, {
      where: file,
      fix: "fetch or write the adapter again",
      cause,
    });
  }
  throw new LoraError("LORA_BAD_FILE", `${CONFIG_FILE} is not a JSON object`, {
    where: file,
    fix: "fetch or write the adapter again",
  });
}

function requireFile(directory: string, name: string): string {
  const file = join(directory, name);
  if (existsSync(file)) return file;
  const pickle = name === WEIGHTS_FILE && existsSync(join(directory, "adapter_model.bin"));
  throw new LoraError("LORA_NO_ADAPTER", `${directory} has no ${name}`, {
    where: file,
    fix: pickle
      ? "adapter_model.bin is a Python pickle: load it in PEFT and save it with safe_serialization=True"
      : `give an adapter's folder, with ${CONFIG_FILE} and ${WEIGHTS_FILE}`,
  });
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
