import type { LoraConfig } from "./lora-config.ts";
import { fullMatch, hasSuffix, layerNumber, partMatch } from "./pattern.ts";

type Targets = Pick<
  LoraConfig,
  "target_modules" | "exclude_modules" | "modules_to_save" | "layers_to_transform" | "layers_pattern"
>;

/**
 * The module names that the settings choose, in the order given; containers and other modules that are not linear are
 * chosen as well, as in PEFT.
 *
 * @see peft `tuners_utils.check_target_module_exists`
 */
export function matchTargets(names: readonly string[], config: Targets): string[] {
  return names.filter((name) => !isExcluded(name, config) && isTarget(name, config));
}

/** Whether a module is left out: by `exclude_modules`, or since `modules_to_save` trains it whole. */
function isExcluded(name: string, config: Targets): boolean {
  const { exclude_modules: exclude, modules_to_save: saved } = config;
  if (typeof exclude === "string" && exclude !== "" && fullMatch(exclude, name, "exclude_modules"))
    return true;
  if (Array.isArray(exclude) && exclude.some((entry) => hasSuffix(name, entry))) return true;
  return (saved ?? []).some((entry) => partMatch(entry, name, "modules_to_save"));
}

function isTarget(name: string, config: Targets): boolean {
  const { target_modules: target } = config;
  if (target === null) return false;
  if (typeof target === "string") return fullMatch(target, name, "target_modules");
  if (target.includes(name)) return true;
  return target.some((entry) => name.endsWith(`.${entry}`)) && isChosenLayer(name, config);
}

function isChosenLayer(name: string, config: Targets): boolean {
  const { layers_to_transform: wanted, layers_pattern: pattern } = config;
  if (wanted === null || (typeof wanted !== "number" && wanted.length === 0)) return true;
  const layer = layerOf(name, pattern);
  if (layer === undefined) return false;
  return typeof wanted === "number" ? layer === wanted : wanted.includes(layer);
}

/** A module's layer number: after the pattern, or the first number with two parts before it. */
function layerOf(name: string, pattern: Targets["layers_pattern"]): number | undefined {
  if (pattern === null || pattern.length === 0) {
    const found = /^.*?\.[^.]*\.(\d+)\./.exec(name);
    return found ? Number(found[1]) : undefined;
  }
  const patterns = typeof pattern === "string" ? [pattern] : pattern;
  for (const entry of patterns) {
    const layer = layerNumber(entry, name, "layers_pattern");
    if (layer !== undefined) return layer;
  }
  return undefined;
}
