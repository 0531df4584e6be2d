import type { PlainValue } from "../config/index.ts";
import { SweepError } from "./errors.ts";
import { sweepParams } from "./sweep-params.ts";
import type { SweepSlot } from "./sweep-slots.ts";
import { sweepSlots } from "./sweep-slots.ts";
import type { Sweeper, SweepPoint, SweepRequest } from "./sweeper.ts";

/**
 * Every combination of the swept values, first key slowest, as Hydra's basic sweeper orders them. With
 * `hydra.sweeper.max_batch_size` the next batch starts when all of the last one have ended, failed ones included.
 * Points are made when they are asked for: a large grid costs no memory.
 *
 * @throws {SweepError} SWEEP_KIND_UNSUPPORTED, SWEEP_EMPTY, SWEEP_BATCH_SIZE, SWEEP_PARAMS
 */
export function gridSweeper(request: SweepRequest): Sweeper {
  const words = [...sweepParams(request.settings.get("params")), ...request.overrides];
  const slots = sweepSlots(words, request.groupOptions);
  const total = slots.reduce((product, slot) => product * slot.values.length, 1);
  const batchSize = batchSizeOf(request.settings.get("max_batch_size")) ?? total;
  let given = 0;
  let told = 0;
  return {
    total,
    next() {
      if (given === total) return "done";
      const batchEnds = given > 0 && given % batchSize === 0;
      if (batchEnds && told < given) return "wait";
      given += 1;
      return gridPoint(slots, given - 1);
    },
    tell() {
      told += 1;
    },
  };
}

/** The point with the running number `num`: digits of a number whose last place changes fastest. */
function gridPoint(slots: readonly SweepSlot[], num: number): SweepPoint {
  let rest = num;
  const picked = slots.toReversed().flatMap(({ name, isSwept, values }) => {
    const override = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    return override === undefined ? [] : [{ name, isSwept, override }];
  });
  const chosen = picked.toReversed();
  const swept = chosen.filter(({ isSwept }) => isSwept);
  return {
    overrides: chosen.map(({ override }) => override),
    params: Object.fromEntries(
      swept.map(({ name, override }) => [name, override.text.slice(name.length + 1)]),
    ),
  };
}

/** `hydra.sweeper.max_batch_size`; null and absent mean one batch. */
function batchSizeOf(value: PlainValue | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "bigint" && value > 0n) return Number(value);
  throw new SweepError(
    "SWEEP_BATCH_SIZE",
    `hydra.sweeper.max_batch_size must be a whole number above 0, not ${String(value)}`,
    {
      where: "hydra.sweeper.max_batch_size",
      fix: "hydra.sweeper.max_batch_size=10, or null for one batch",
    },
  );
}
