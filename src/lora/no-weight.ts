import { LoraError } from "./errors.ts";
import type { LinearModule } from "./modules.ts";

/** A module of the model whose weight is not among those that were given. */
export function noWeight({ path, weight }: LinearModule): LoraError {
  return new LoraError("LORA_MISSING_TENSOR", `the base has no weight '${weight}'`, {
    where: `module ${path}`,
    fix: "give all weights of the model that the modules were listed for",
  });
}
