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
  const own = overrides.find(({ key }) => key.startsWith("hydra.") || key.startsWith("hydra/"));
  if (own !== undefined) {
    throw new SweepError(
      "SWEEP_PARAMS",
      `hydra.sweeper.params cannot set '${own.key}': a sweep runs over the task's keys`,
      {
        where: `hydra.sweeper.params   ${own.text}`,
        fix: `set ${own.key} in the config or on the command line`,
      },
    );
  }
  return overrides;
}
