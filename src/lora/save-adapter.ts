import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { type Tensor, writeSafetensors } from "../onnx/index.ts";
import { checkTensors } from "./check-tensors.ts";
import { envelopeDefaults, variantDefaults } from "./lora-config.ts";
import type { LoraAdapter } from "./merge-adapters.ts";
import { modelCard } from "./model-card.ts";
import type { LoraModules } from "./modules.ts";
import { type AdapterPlan, planAdapters } from "./plan-adapters.ts";

export const CONFIG_FILE = "adapter_config.json";
export const WEIGHTS_FILE = "adapter_model.safetensors";

export interface SaveOptions {
  /** Name or path of the base model, as `adapter_config.json` and the model card give it. */
  readonly baseModel?: string | null;
  readonly revision?: string | null;
  /** The Python class that PEFT's automatic loading takes. */
  readonly autoMapping?: { readonly base_model_class: string; readonly parent_library: string } | null;
}

/**
 * Writes a folder that PEFT loads: `adapter_config.json` (every key of PEFT 0.21, sorted), `adapter_model.safetensors`
 * and a model card. Each file appears whole; the settings come last.
 *
 * @param modules  of the base model; `weights` must be there if `bias` or `modules_to_save` is set
 * @throws {LoraError} if the tensors are not those the settings ask for
 */
export async function saveAdapter(
  directory: string,
  adapter: LoraAdapter,
  modules: LoraModules,
  options: SaveOptions = {},
): Promise<void> {
  const weights = modules.weights ?? new Map();
  const plan = planAdapters(adapter.config, modules, weights);
  const tensors = fileTensors(plan, checkTensors(plan, adapter.tensors), weights);
  await mkdir(directory, { recursive: true });
  await writeSafetensors(join(directory, WEIGHTS_FILE), tensors, { format: "pt" });
  await writeFileAtomic(join(directory, "README.md"), modelCard(plan, options));
  await writeFileAtomic(join(directory, CONFIG_FILE), adapterConfigText(plan, options));
}

function fileTensors(
  plan: AdapterPlan,
  tensors: ReadonlyMap<string, Tensor>,
  weights: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> {
  const trained = new Map([...plan.tensors].map(([key, { base }]) => [base, tensors.get(key)]));
  const echoes = plan.echoes.flatMap(({ key, of, original }) => {
    const tensor = original ? weights.get(of) : trained.get(of);
    return tensor ? [[key, tensor] as const] : [];
  });
  return new Map([...tensors, ...echoes]);
}

/** The text of `adapter_config.json`: keys sorted, two spaces, as PEFT writes it. */
function adapterConfigText({ config }: Pick<AdapterPlan, "config">, options: SaveOptions = {}): string {
  const all: Record<string, unknown> = {
    ...variantDefaults,
    ...envelopeDefaults,
    ...config,
    target_modules: sorted(config.target_modules),
    exclude_modules: sorted(config.exclude_modules),
    base_model_name_or_path: options.baseModel ?? null,
    revision: options.revision ?? null,
    auto_mapping: options.autoMapping ?? null,
  };
  const keys = Object.keys(all).sort();
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, all[key]])), null, 2);
}

/** Lists are sets in PEFT and come out in any order; ours are sorted. */
function sorted(value: readonly string[] | string | null): readonly string[] | string | null {
  return typeof value === "string" || value === null ? value : [...value].sort();
}
