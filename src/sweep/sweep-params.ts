import type { Override, PlainValue } from "../config/index.ts";
import { parseOverrides, pythonStr } from "../config/index.ts";
import { SweepError } from "./errors.ts";

/**
 * `hydra.sweeper.params` as overrides: each key (with its `+`, `~`, `@package`) and the *text* of its value form one
 * word, so `seed: 1,2` sweeps and a YAML list is one list value.
 *
 * @throws {SweepError} SWEEP_PARAMS where params is not a mapping or a key is one of hydra's own
 */
export function sweepParams(params: PlainValue | undefined): Override[] {
  if (params === undefined || params === null) return [];
  if (!(params instanceof Map)) {
    throw new SweepError("SWEEP_PARAMS", "hydra.sweeper.params must be a mapping of keys to sweeps", {
      where: "hydra.sweeper.params",
      fix: "write   params: {seed: '1,2,3'}",
    });
  }
  const overrides = parseOverrides(
    [...params].map(([key, value]) => `${pythonStr(key)}=${pythonStr(value)}`),
  );
  for (const override of overrides) refuseHydraKey(override, "params");
  return overrides;
}

/** @throws {SweepError} SWEEP_PARAMS for a key of the hydra node, which is the sweep's own */
export function refuseHydraKey({ key, text }: Override, block: string): void {
  if (!key.startsWith("hydra.") && !key.startsWith("hydra/")) return;
  const what = `hydra.sweeper.${block} cannot set '${key}': a sweep runs over the task's keys`;
  throw new SweepError("SWEEP_PARAMS", what, {
    where: `hydra.sweeper.${block}   ${text}`,
    fix: `set ${key} in the config or on the command line`,
  });
}
