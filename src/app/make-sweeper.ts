import type { Composition, Override } from "../config/index.ts";
import { hydraMap, hydraText } from "../launch/index.ts";
import type { Sweeper, SweeperFactory, SweepRequest } from "../sweep/index.ts";
import { createSweeper } from "../sweep/index.ts";

export interface SweeperParts {
  /** The sweep's own composition, without the swept values. */
  readonly master: Composition;
  /** The task's overrides as typed, sweeps included. */
  readonly overrides: readonly Override[];
  readonly sweepers: Readonly<Record<string, SweeperFactory>>;
  /** Takes what the sweeper has to say to the user. */
  readonly say?: (line: string) => void;
}

/** The sweeper that the composition names, over the overrides of the command line. */
export function makeSweeper(run: SweeperParts): Sweeper {
  const name = hydraText(run.master, "sweeper._target_") ?? "basic";
  return createSweeper(name, sweepRequest(run), run.sweepers);
}

/** What the sweeper is made from. */
export function sweepRequest({ master, ...run }: SweeperParts): SweepRequest {
  return {
    overrides: run.overrides,
    settings: hydraMap(master, "sweeper"),
    groupOptions: (group) => master.groupOptions(group),
    ...(run.say === undefined ? {} : { say: run.say }),
  };
}
