import type { Composition, Override } from "../config/index.ts";
import { hydraMap, hydraText } from "../launch/index.ts";
import type { Sweeper, SweeperFactory } from "../sweep/index.ts";
import { findSweeper } from "../sweep/index.ts";

export interface SweeperParts {
  /** The sweep's own composition, without the swept values. */
  readonly master: Composition;
  /** The task's overrides as typed, sweeps included. */
  readonly overrides: readonly Override[];
  readonly sweepers: Readonly<Record<string, SweeperFactory>>;
}

/** The sweeper that the composition names, over the overrides of the command line. */
export function makeSweeper(run: SweeperParts): Sweeper {
  const { master } = run;
  const factory = findSweeper(hydraText(master, "sweeper._target_") ?? "basic", run.sweepers);
  return factory({
    overrides: run.overrides,
    settings: hydraMap(master, "sweeper"),
    groupOptions: (group) => master.groupOptions(group),
  });
}
