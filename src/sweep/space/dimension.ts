import type { Element, IntervalSweep, Override, RangeSweep, Scalar } from "../../config/index.ts";
import { floatRepr } from "../../config/index.ts";
import { SweepError } from "../errors.ts";
import type { SweepAxis } from "../sweep-axes.ts";
import type { PickedOverride } from "../sweep-point.ts";
import type { SweepSlot } from "../sweep-slots.ts";
import { withValue } from "../sweep-slots.ts";
import type { SweepPoint } from "../sweeper.ts";
import type { Distribution } from "./distribution.ts";

/** One key of a search, or several that are zipped. */
export interface Dimension {
  /** The key as typed; the keys of a zip with commas between. */
  readonly name: string;
  readonly distribution: Distribution;
  /** The overrides that a value of the distribution stands for. */
  picked(value: number): readonly PickedOverride[];
  /** Of categories: what each is, a scalar or its words. */
  readonly choices: readonly Scalar[];
  /** The value that a point with these params has; undefined where they are no point of this space. */
  valueIn(params: SweepPoint["params"]): number | undefined;
}

/**
 * How a key is searched: an interval as a stretch of numbers (`int(interval(1,9))`: whole numbers, both ends included; tagged
 * `log`: on the logarithm), a range as numbers in steps, everything else as categories.
 *
 * @throws {SweepError} SWEEP_SPACE
 */
export function dimensionOf(axis: SweepAxis): Dimension {
  const [first] = axis.slots;
  const value = axis.slots.length === 1 ? first?.slot.source?.value : undefined;
  if (first && value?.kind === "interval") return intervalDimension(first, value);
  if (first && value?.kind === "range" && !value.shuffle && first.slot.values.length > 1) {
    return rangeDimension(first, value);
  }
  return categoryDimension(axis);
}

type Placed = SweepAxis["slots"][number];

function categoryDimension({ length, slots }: SweepAxis): Dimension {
  const picked = (index: number) =>
    slots.flatMap(({ place, slot }) => pickedValue(place, slot, slot.values[index]));
  const indices = Array.from({ length }, (_, index) => index);
  return {
    name: slots.map(({ slot }) => slot.name).join(","),
    distribution: { kind: "categorical", size: length },
    picked,
    choices: indices.map((index) => choiceOf(picked(index))),
    valueIn: (params) =>
      indices.find((index) =>
        slots.every(({ slot }) => {
          const override = slot.values[index];
          return params[slot.name] === (override && textOf(override));
        }),
      ),
  };
}

function rangeDimension({ place, slot }: Placed, range: RangeSweep): Dimension {
  const numbers = slot.values.map((value) => numberOf(value?.value));
  const [first = 0, second = 0, last = first] = [numbers[0], numbers[1], numbers.at(-1)];
  const low = Math.min(first, last);
  const step = Math.abs(Number(range.step)) || Math.abs(second - first);
  const indexOf = (value: number) => Math.round(Math.abs(value - first) / step);
  const isInt = slot.values.every(
    (value) => value?.value?.kind === "scalar" && typeof value.value.value === "bigint",
  );
  const common = { low, high: Math.max(first, last), log: false, step };
  return {
    name: slot.name,
    distribution: isInt ? { kind: "int", ...common } : { kind: "float", ...common },
    picked: (value) => pickedValue(place, slot, slot.values[indexOf(value)]),
    choices: [],
    valueIn: (params) =>
      numbers[slot.values.findIndex((value) => value && textOf(value) === params[slot.name])],
  };
}

function intervalDimension({ place, slot }: Placed, interval: IntervalSweep): Dimension {
  const { source } = slot;
  const isInt = typeof interval.start === "bigint" && typeof interval.end === "bigint";
  const [low, high] = [Number(interval.start), Number(interval.end)];
  const log = interval.tags.includes("log");
  checkInterval(slot, { low, high, log });
  const element = (value: number) => numberElement(value, isInt, interval);
  return {
    name: slot.name,
    distribution: isInt
      ? { kind: "int", low, high, log, step: 1 }
      : { kind: "float", low, high, log, step: null },
    picked: (value) => pickedValue(place, slot, source && withValue(source, slot.name, element(value))),
    choices: [],
    valueIn(params) {
      const text = params[slot.name] ?? "";
      return text === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
    },
  };
}

function checkInterval(
  { name, source }: SweepSlot,
  { low, high, log }: { readonly low: number; readonly high: number; readonly log: boolean },
): void {
  const faults = [
    { is: !Number.isFinite(high - low), what: "needs two finite ends" },
    { is: low > high, what: "starts above its end" },
    { is: log && low <= 0, what: "is tagged log, and a logarithm needs a start above 0" },
  ];
  const fault = faults.find(({ is }) => is);
  if (fault === undefined) return;
  throw new SweepError("SWEEP_SPACE", `the interval of '${name}' ${fault.what}`, {
    where: `override   ${source?.text ?? name}`,
    fix: `${name}=interval(0.1,1.0), or ${name}=tag(log,interval(1e-5,1e-1))`,
  });
}

function numberElement(value: number, isInt: boolean, { span }: IntervalSweep): Element {
  if (isInt) return { kind: "scalar", value: BigInt(value), text: String(value), span };
  return { kind: "scalar", value, text: floatRepr(value), span };
}

function pickedValue(place: number, slot: SweepSlot, override: Override | undefined): PickedOverride[] {
  return override === undefined ? [] : [{ place, name: slot.name, isSwept: slot.isSwept, override }];
}

function numberOf(element: Element | null | undefined): number {
  return element?.kind === "scalar" ? Number(element.value) : Number.NaN;
}

/** What stands behind `=` in the word. */
function textOf({ text, valueSpan }: Override): string {
  return text.slice(valueSpan.start);
}

/** A category as one scalar: the value itself, else the words that set it. */
function choiceOf(picked: readonly PickedOverride[]): Scalar {
  const [only] = picked;
  const value = picked.length === 1 ? only?.override.value : undefined;
  if (value?.kind === "scalar" || value?.kind === "quoted") return value.value;
  if (picked.length === 1 && only) return textOf(only.override);
  return picked.map(({ override }) => override.text).join(" ");
}
