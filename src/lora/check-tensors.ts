import { didYouMean, throwAll } from "../core/index.ts";
import type { Tensor } from "../onnx/index.ts";
import { LoraError } from "./errors.ts";
import type { AdapterPlan } from "./plan-adapters.ts";

/**
 * Holds given tensors against the plan and returns them in its order. Stricter than PEFT, which ignores tensors it
 * does not know and leaves absent ones untrained.
 *
 * @throws {LoraError} LORA_MISSING_TENSOR, LORA_UNEXPECTED_TENSOR (each with the nearest name), LORA_BAD_SHAPE; all in one go
 */
export function checkTensors(
  plan: Pick<AdapterPlan, "tensors" | "echoes">,
  given: ReadonlyMap<string, Tensor>,
  where = "adapter tensors",
): ReadonlyMap<string, Tensor> {
  const echoes = new Set(plan.echoes.map(({ key }) => key));
  const missing = [...plan.tensors.keys()].filter((key) => !given.has(key));
  const unexpected = [...given.keys()].filter((key) => !plan.tensors.has(key) && !echoes.has(key));
  const faults = [
    ...fault("LORA_MISSING_TENSOR", "lacks", missing, unexpected, where),
    ...fault("LORA_UNEXPECTED_TENSOR", "has but the settings do not ask for", unexpected, missing, where),
  ];
  const checked = new Map<string, Tensor>();
  for (const [key, { shape }] of plan.tensors) {
    const tensor = given.get(key);
    if (!tensor) continue;
    if (tensor.shape.join() === shape.join()) checked.set(key, tensor);
    else faults.push(badShape(key, tensor.shape, shape, where));
  }
  throwAll(faults);
  return checked;
}

function fault(
  code: "LORA_MISSING_TENSOR" | "LORA_UNEXPECTED_TENSOR",
  verb: string,
  keys: readonly string[],
  others: readonly string[],
  where: string,
): LoraError[] {
  const [first] = keys;
  if (first === undefined) return [];
  const shown = keys.slice(0, 3).map((key) => `'${key}'`);
  const more = keys.length > 3 ? ` and ${keys.length - 3} more` : "";
  const nearest = didYouMean(first, others);
  const fix =
    nearest ??
    (code === "LORA_MISSING_TENSOR"
      ? "the settings choose more than was trained: check target_modules, bias, modules_to_save and the base model"
      : "the settings choose less than was trained: check target_modules, bias, modules_to_save and the base model");
  return [new LoraError(code, `the adapter ${verb} ${shown.join(", ")}${more}`, { where, fix })];
}

function badShape(key: string, got: readonly number[], wanted: readonly number[], where: string): LoraError {
  return new LoraError("LORA_BAD_SHAPE", `'${key}' is [${got.join(", ")}], not [${wanted.join(", ")}]`, {
    where,
    fix: "check that this is the base model the adapter was trained on, r, and the order of rank_pattern (PEFT sorts it when it saves)",
  });
}
