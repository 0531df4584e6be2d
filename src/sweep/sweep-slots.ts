import type { Element, Override } from "../config/index.ts";
import { enumerateSweep, isSweep } from "../config/index.ts";
import { didYouMean } from "../core/index.ts";
import { SweepError } from "./errors.ts";
import { wordText } from "./word-text.ts";

/** One key of a sweep and the overrides that it takes in turn; one where the key is not swept. */
export interface SweepSlot {
  /** The key as typed, with its prefix and package: `+db@x`. */
  readonly name: string;
  readonly isSwept: boolean;
  /** Undefined where a point of the sweep leaves the key alone. */
  readonly values: readonly (Override | undefined)[];
  /** Slots of one zip name advance in step. */
  readonly zip: string | undefined;
  /** The word that it stands for, as typed; undefined for a key of a file's sweep block. */
  readonly source: Override | undefined;
}

const prefixes = { change: "", add: "+", force: "++", delete: "~" } as const;

/** The key as typed, with prefix and package. `++k` and `k` are different slots. */
function slotName(override: Override): string {
  const at = override.package === null ? "" : `@${override.package}`;
  return `${prefixes[override.kind]}${override.key}${at}`;
}

/** Slots by name: a later one of the same name takes the place of the earlier. */
export function joinSlots(...groups: readonly (readonly SweepSlot[])[]): SweepSlot[] {
  return [...new Map(groups.flat().map((slot) => [slot.name, slot])).values()];
}

/**
 * The keys of a sweep in order of first mention. A repeated key takes the later value and keeps the earlier place, so
 * a word on the command line replaces one of `hydra.sweeper.params`. An interval has no values to list.
 *
 * @throws {SweepError} SWEEP_EMPTY for a sweep without values
 */
export function sweepSlots(
  overrides: readonly Override[],
  groupOptions: (group: string) => readonly string[],
): SweepSlot[] {
  const slots = overrides.map((override): SweepSlot => {
    const { value } = override;
    const name = slotName(override);
    const sweep = value !== null && isSweep(value) ? value : undefined;
    return {
      name,
      isSwept: sweep !== undefined,
      values: slotValues(override, name, groupOptions),
      zip: sweep === undefined || sweep.kind === "interval" ? undefined : sweep.zip,
      source: override,
    };
  });
  return joinSlots(slots);
}

/** A slot whose values are data already: of a file's sweep block. */
export function typedSlot(
  override: Override,
  values: readonly (Element | undefined)[],
  zip: string | undefined,
): SweepSlot {
  const name = slotName(override);
  return {
    name,
    isSwept: values.length > 1,
    values: values.map((value) => value && typedValue(override, name, value)),
    zip,
    source: undefined,
  };
}

function typedValue(override: Override, name: string, value: Element): Override {
  const deletes = override.kind === "delete" && value.kind === "scalar" && value.value === null;
  return deletes ? { ...override, value: null, text: name } : withValue(override, name, value);
}

function slotValues(
  override: Override,
  name: string,
  groupOptions: (group: string) => readonly string[],
): Override[] {
  const { value } = override;
  if (value === null) return [{ ...override, text: name }];
  if (!isSweep(value)) return [withValue(override, name, value)];
  if (value.kind === "interval") return [];
  const elements = enumerateSweep(value, { groupOptions, key: override.key });
  if (elements.length === 0) throw emptyError(override, groupOptions(override.key));
  return elements.map((element) => withValue(override, name, element));
}

/** The override with another value, and the word that says so. */
export function withValue(override: Override, name: string, value: Element): Override {
  const text = `${name}=${wordText(value)}`;
  const start = name.length + 1;
  return {
    ...override,
    value,
    text,
    keySpan: { start: 0, end: name.length },
    valueSpan: { start, end: text.length },
  };
}

function emptyError(override: Override, options: readonly string[]): SweepError {
  const isGlob = override.value?.kind === "glob";
  const offered =
    options.length === 0 ? `there is no config group '${override.key}'` : `it offers: ${options.join(", ")}`;
  const pattern = override.value?.kind === "glob" ? override.value.include.join(",") : "";
  return new SweepError("SWEEP_EMPTY", `'${override.key}' has no value to take, so there would be no job`, {
    where: `override   ${override.text}`,
    fix: isGlob
      ? [didYouMean(pattern, options), offered].filter((part) => part !== undefined).join(" ")
      : "a range stops before its end and needs a step towards it: range(0,3) is 0, 1, 2",
  });
}
