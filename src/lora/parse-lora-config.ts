import { isDeepStrictEqual } from "node:util";
import { didYouMean, throwAll } from "../core/index.ts";
import { LoraError } from "./errors.ts";
import { envelopeDefaults, type LoraConfig, loraDefaults, variantDefaults } from "./lora-config.ts";
import { peftConfigSchema } from "./schema.ts";
import { takesFromBase } from "./weight-parts.ts";

const knownKeys = [loraDefaults, envelopeDefaults, variantDefaults].flatMap(Object.keys);

/** Starts that leave the base weights as they are, so that the stored A and B are the whole adapter; {@link takesFromBase} has those that are made again. */
const harmlessInits = ["gaussian", "eva", "orthogonal", "mica"];

/**
 * Reads settings in PEFT's own keys; absent ones get PEFT's defaults.
 *
 * @param where  the file or option they come from, for errors
 * @throws {LoraError} LORA_UNSUPPORTED for a variant that would change the mathematics, and for keys PEFT does not
 *   have; LORA_BAD_CONFIG for a wrong value; LORA_BAD_RANK for a rank below 1. All faults in one go.
 */
export function parseLoraConfig(value: unknown, where = "LoRA settings"): LoraConfig {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new LoraError("LORA_BAD_CONFIG", "the adapter's settings are not an object", {
      where,
      fix: 'write an object such as {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["fc1"]}',
    });
  }
  const variants = Object.entries(value).flatMap(([key, given]) => variantFault(key, given, where) ?? []);
  const parsed = peftConfigSchema.safeParse(value);
  const wrong = (parsed.error?.issues ?? []).map((issue) => {
    const key = issue.path.join(".");
    return new LoraError("LORA_BAD_CONFIG", `${key}: ${issue.message}`, {
      where,
      fix: `correct '${key}'; PEFT's default is ${JSON.stringify(loraDefaults[key as keyof LoraConfig])}`,
    });
  });
  throwAll([...variants, ...wrong]);
  const config: LoraConfig = peftConfigSchema.parse(value);
  throwAll(contradictions(config, where));
  return config;
}

/** Combinations that PEFT refuses too. */
export function contradictions(config: LoraConfig, where = "LoRA settings"): LoraError[] {
  const faults: LoraError[] = [];
  const bad = (what: string, fix: string) =>
    faults.push(new LoraError("LORA_BAD_CONFIG", what, { where, fix }));
  for (const [name, rank] of [["r", config.r] as const, ...Object.entries(config.rank_pattern)]) {
    if (!Number.isInteger(rank) || rank < 1) faults.push(badRank(name, rank, where));
  }
  if (typeof config.target_modules === "string" && config.layers_to_transform !== null)
    bad("layers_to_transform needs a list of target_modules", "give target_modules as a list");
  if (typeof config.target_modules === "string" && config.layers_pattern !== null)
    bad("layers_pattern needs a list of target_modules", "give target_modules as a list");
  if (config.layers_pattern?.length && config.layers_to_transform === null)
    bad("layers_pattern is given without layers_to_transform", "name the layers in layers_to_transform");
  if (config.lora_bias && config.use_dora)
    bad("lora_bias does not go with DoRA", "set use_dora or lora_bias to false");
  if (config.lora_bias && typeof config.init_lora_weights !== "boolean")
    bad("lora_bias goes with init_lora_weights true or false only", "set init_lora_weights to true");
  return faults;
}

function badRank(name: string, rank: number, where: string): LoraError {
  return new LoraError("LORA_BAD_RANK", `the rank must be a whole number of at least 1; ${name} is ${rank}`, {
    where,
    fix: "choose a rank such as 8; for full fine-tuning set training.lora_rank=null",
  });
}

function variantFault(key: string, given: unknown, where: string): LoraError | undefined {
  if (key in variantDefaults) return knownVariantFault(key, given, where);
  if (key === "init_lora_weights") return initFault(given, where);
  if (key === "peft_type" && given !== "LORA") {
    return new LoraError("LORA_UNSUPPORTED", `the adapter is of type ${JSON.stringify(given)}, not LORA`, {
      where,
      fix: "train or convert it as LoRA",
    });
  }
  if (key === "runtime_config" || knownKeys.includes(key) || isNothing(given)) return undefined;
  return new LoraError("LORA_UNSUPPORTED", `unknown key '${key}' with the value ${JSON.stringify(given)}`, {
    where,
    fix: `${didYouMean(key, knownKeys) ?? "it may change what the adapter computes"}; remove '${key}' if it does not matter`,
  });
}

function knownVariantFault(key: string, given: unknown, where: string): LoraError | undefined {
  const plain: unknown = variantDefaults[key as keyof typeof variantDefaults];
  // The base weights here are always [out, in]; PEFT itself falls back to false for such layers.
  const harmless = key === "fan_in_fan_out" || key.startsWith("megatron") || key === "qalora_group_size";
  if (harmless || isNothing(given) || isDeepStrictEqual(given, plain)) return undefined;
  return new LoraError("LORA_UNSUPPORTED", `the variant '${key}' is not offered here`, {
    where,
    fix: `set '${key}' to ${JSON.stringify(plain)}, or merge the adapter with PEFT and use the merged model`,
  });
}

function initFault(given: unknown, where: string): LoraError | undefined {
  if (typeof given !== "string" || takesFromBase(given) || harmlessInits.includes(given.toLowerCase()))
    return undefined;
  return new LoraError("LORA_UNSUPPORTED", `init_lora_weights '${given}' changes the base weights`, {
    where,
    fix: "save the adapter in PEFT with path_initial_model_for_weight_conversion, which turns it into a plain one",
  });
}

function isNothing(value: unknown): boolean {
  if (value === null || value === false || value === undefined) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
