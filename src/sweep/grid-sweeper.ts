import type { PlainValue } from "../config/index.ts";
import { SweepError } from "./errors.ts";
import type { SweepAxis } from "./sweep-axes.ts";
import { requestSlots, sweepAxes } from "./sweep-axes.ts";
import { sweepPoint } from "./sweep-point.ts";
import type { Sweeper, SweepPoint, SweepRequest } from "./sweeper.ts";

/**
 * Every combination of the swept values, first key slowest, as Hydra's basic sweeper orders them; keys that are zipped
 * advance in step and count as one. With
 * `hydra.sweeper.max_batch_size` the next batch starts when all of the last one have ended, failed ones included.
 * Points are made when they are asked for: a large grid costs no memory.
 *
 * @throws {SweepError} SWEEP_KIND_UNSUPPORTED, SWEEP_EMPTY, SWEEP_BATCH_SIZE, SWEEP_PARAMS, SWEEP_BLOCK, SWEEP_ZIP_LENGTH
 */
export function gridSweeper(request: SweepRequest): Sweeper {
  const axes = sweepAxes(requestSlots(request));
  const total = axes.reduce((product, axis) => product * axis.length, 1);
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
      return gridPoint(axes, given - 1);
    },
    tell() {
      told += 1;
    },
  };
}

/** The point with the running number `num`: digits of a number whose last place changes fastest. */
function gridPoint(axes: readonly SweepAxis[], num: number): SweepPoint {
  let rest = num;
  const picked = axes.toReversed().flatMap(({ length, slots }) => {
    const index = rest % length;
    rest = Math.floor(rest / length);
    return slots.flatMap(({ place, slot: { name, isSwept, values } }) => {
      const override = values[index];
      return override === undefined ? [] : [{ place, name, isSwept, override }];
    });
  });
  return sweepPoint(picked);
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
