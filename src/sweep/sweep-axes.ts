import type { Override } from "../config/index.ts";
import { SweepError } from "./errors.ts";
import { sweepBlocks } from "./sweep-blocks.ts";
import { sweepParams } from "./sweep-params.ts";
import type { SweepSlot } from "./sweep-slots.ts";
import { joinSlots, sweepSlots } from "./sweep-slots.ts";
import type { SweepRequest } from "./sweeper.ts";

/** Keys whose values advance together; one key alone where it is not zipped. */
export interface SweepAxis {
  readonly length: number;
  /** Each with its place among all keys. */
  readonly slots: readonly { readonly place: number; readonly slot: SweepSlot }[];
}

/**
 * The keys of a sweep that is listed: {@link searchSlots} without intervals.
 *
 * @throws {SweepError} SWEEP_KIND_UNSUPPORTED for an interval, and what `searchSlots` throws
 */
export function requestSlots(request: SweepRequest): SweepSlot[] {
  const slots = searchSlots(request, sweepParams(request.settings.get("params")));
  for (const { source } of slots) if (source?.value?.kind === "interval") throw intervalError(source);
  return slots;
}

/**
 * All keys of a sweep: those of `hydra.sweeper.params` (handed on as overrides), then the blocks `grid`, `zip` and `points`, then the command line, whose words
 * replace what the config says of the same key.
 *
 * @throws {SweepError} for a key or block that cannot be swept
 */
export function searchSlots(
  { settings, overrides, groupOptions }: SweepRequest,
  params: readonly Override[],
): SweepSlot[] {
  const options = (group: string) => groupOptions(group);
  return joinSlots(sweepSlots(params, options), sweepBlocks(settings), sweepSlots(overrides, options));
}

/**
 * The slots with those of one zip name brought together, at the place of the first of them.
 *
 * @throws {SweepError} SWEEP_ZIP_LENGTH
 */
export function sweepAxes(slots: readonly SweepSlot[]): SweepAxis[] {
  const groups = new Map<string | SweepSlot, SweepAxis["slots"]>();
  for (const [place, slot] of slots.entries()) {
    const group = slot.zip ?? slot;
    groups.set(group, [...(groups.get(group) ?? []), { place, slot }]);
  }
  return [...groups.values()].map((members) => ({ length: commonLength(members), slots: members }));
}

function commonLength(members: SweepAxis["slots"]): number {
  const [first] = members;
  const length = first?.slot.values.length ?? 0;
  const odd = members.find(({ slot }) => slot.values.length !== length);
  if (first === undefined || odd === undefined) return length;
  const lengths = members.map(({ slot }) => `${slot.name} has ${slot.values.length}`).join(", ");
  throw new SweepError("SWEEP_ZIP_LENGTH", `zipped keys take their values in step, but ${lengths}`, {
    where: `sweep   ${first.slot.name}, ${odd.slot.name}`,
    fix: "give each as many values; zip(…, name=other) makes a zip of its own",
  });
}

function intervalError(override: Override): SweepError {
  return new SweepError(
    "SWEEP_KIND_UNSUPPORTED",
    `the grid sweeper cannot list the values of an interval ('${override.key}')`,
    {
      where: `override   ${override.text}`,
      fix: `give values (${override.key}=range(0,10,2) or ${override.key}=1,2,3), or search it: hydra/sweeper=tpe, random or sobol`,
    },
  );
}
