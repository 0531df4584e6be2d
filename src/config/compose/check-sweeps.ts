import type { TtmError } from "../../core/index.ts";
import { configError } from "../errors.ts";
import { isSweep, type Override, overridePlace } from "../grammar/index.ts";

/** Whether the word is about the hydra node. */
export function isHydraOverride({ key }: Override): boolean {
  return key.startsWith("hydra.") || key.startsWith("hydra/");
}

/** Sweeps where none can be: in a single run, or over the hydra node. */
export function checkSweeps(overrides: readonly Override[], multirun: boolean, total: number): TtmError[] {
  return overrides.flatMap((override) => {
    const { value } = override;
    if (value === null || !isSweep(value)) return [];
    const where = overridePlace({ ...override, total }, override.valueSpan);
    if (multirun) {
      if (!isHydraOverride(override)) return [];
      const fix = "give it one value; sweep over keys of the task";
      return [configError("CONFIG_SWEEP_HYDRA", `'${override.key}' cannot be swept over`, { where, fix })];
    }
    const shown = override.text.slice(override.valueSpan.start);
    const name = override.text.slice(0, override.text.indexOf("="));
    if (value.kind === "choice" && value.simple) {
      const what = `'${shown}' is several values, in a single run`;
      const fix = `for a list write '${name}=[${shown}]'; for a text ${name}="'${shown}'"; to run each, add --multirun`;
      return [configError("CONFIG_SWEEP_AMBIGUOUS", what, { where, fix })];
    }
    const what = `'${shown}' is a sweep, in a single run`;
    return [configError("CONFIG_SWEEP_NOT_MULTIRUN", what, { where, fix: "add --multirun" })];
  });
}
