import { Random } from "../../core/index.ts";
import { floatRepr } from "../python-text.ts";
import type { Element, GlobSweep, RangeSweep, Sweep } from "./ast.ts";
import { isSweep } from "./ast.ts";
import { rangeLength, rangeValue } from "./decimal-range.ts";
import { sweepWithin } from "./element-text.ts";
import { OverrideError } from "./errors.ts";
import { globMatch } from "./glob-match.ts";
import { shuffled } from "./shuffled.ts";

export interface SweepContext {
  /** The options of a config group, sorted; asked for a glob only. */
  readonly groupOptions: (group: string) => readonly string[];
  /** The override's key, which for a glob is the group. */
  readonly key: string;
  /** Orders a shuffled sweep; seed 0 where none is given, so that a sweep can be run again. */
  readonly random?: Random;
}

/** Far beyond any sweep one would run, and still quick to build: more is a slip of the hand. */
const mostValues = 1_000_000n;

/**
 * The values of a sweep in order, as typed elements.
 *
 * @throws {OverrideError} OVERRIDE_NOT_ENUMERABLE for an interval, an endless range or one with step 0, a
 *   sweep within the sweep
 */
export function enumerateSweep(sweep: Sweep, context: SweepContext): readonly Element[] {
  const elements = inOrder(sweep, context);
  const shuffle = (sweep.kind === "choice" || sweep.kind === "range") && sweep.shuffle;
  return shuffle ? shuffled(elements, context.random ?? Random.fromSeed(0)) : elements;
}

function inOrder(sweep: Sweep, context: SweepContext): readonly Element[] {
  switch (sweep.kind) {
    case "choice":
      for (const item of sweep.items) refuseSweeps(item);
      return sweep.items;
    case "range":
      return rangeElements(sweep);
    case "glob":
      return globElements(sweep, context);
    case "interval":
      throw new OverrideError("OVERRIDE_NOT_ENUMERABLE", "an interval has no list of values", {
        fix: "use choice(…) or range(…), or a sweeper that searches intervals",
      });
  }
}

function refuseSweeps(element: Element): void {
  if (isSweep(element)) throw sweepWithin(element.kind);
  if (element.kind === "list") for (const item of element.items) refuseSweeps(item);
  if (element.kind === "dict") for (const { value } of element.entries) refuseSweeps(value);
}

function rangeElements(range: RangeSweep): Element[] {
  const length = rangeLength(range);
  if (typeof length === "number" || length > mostValues) throw notListable(range, length);
  return Array.from({ length: Number(length) }, (_, index) => {
    const value = rangeValue(range, BigInt(index));
    const text = typeof value === "bigint" ? String(value) : floatRepr(value);
    return { kind: "scalar", value, text, span: range.span };
  });
}

function notListable(range: RangeSweep, length: bigint | number): OverrideError {
  const what = Number.isNaN(length) ? "the range has a step of 0 or a nan" : "the range has too many values";
  const fix =
    range.step > 0 || range.step < 0 ? "give a nearer stop or a larger step" : "give a step other than 0";
  return new OverrideError("OVERRIDE_NOT_ENUMERABLE", what, { fix });
}

function globElements(glob: GlobSweep, context: SweepContext): Element[] {
  const matches = (name: string, patterns: readonly string[]) =>
    patterns.some((pattern) => globMatch(name, pattern));
  return context
    .groupOptions(context.key)
    .filter((name) => matches(name, glob.include) && !matches(name, glob.exclude))
    .map((name) => ({ kind: "scalar", value: name, text: name, span: glob.span }));
}
