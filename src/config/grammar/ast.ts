/** A stretch of the override word, in UTF-16 units: `text.slice(start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One plain value. An int is a bigint, a float a number: `1` and `1.0` differ and print differently. */
export type Scalar = null | boolean | bigint | number | string;

/** An element's value as data: dicts are Maps, so that keys keep their kind and their order. */
export type PlainValue = Scalar | readonly PlainValue[] | ReadonlyMap<Scalar, PlainValue>;

export interface ScalarElement {
  readonly kind: "scalar";
  readonly value: Scalar;
  /** As typed, before unescaping; the whole call where a function made the value. */
  readonly text: string;
  readonly span: Span;
}

export interface QuotedElement {
  readonly kind: "quoted";
  /** The text between the quotes, after unescaping. */
  readonly value: string;
  readonly quote: "'" | '"';
  readonly span: Span;
}

/** Unquoted text that holds `${…}`, kept verbatim. */
export interface InterpolationElement {
  readonly kind: "interpolation";
  readonly text: string;
  readonly span: Span;
}

export interface ListElement {
  readonly kind: "list";
  readonly items: readonly Element[];
  readonly span: Span;
}

export interface DictEntry {
  readonly key: Scalar;
  readonly value: Element;
}

export interface DictElement {
  readonly kind: "dict";
  /** Keys are unequal in Python's sense (`true` and `1` are one key). */
  readonly entries: readonly DictEntry[];
  readonly span: Span;
}

export interface ChoiceSweep {
  readonly kind: "choice";
  /** Written with commas, not with `choice(…)`. */
  readonly simple: boolean;
  readonly items: readonly Element[];
  /** Sorted by code point, without repeats. */
  readonly tags: readonly string[];
  readonly shuffle: boolean;
  readonly zip?: ZipName;
  readonly span: Span;
}

/** Sweeps of one name advance in step, instead of in every combination. */
export type ZipName = string;

export interface RangeSweep {
  readonly kind: "range";
  readonly start: bigint | number;
  /** Not part of the range. */
  readonly stop: bigint | number;
  readonly step: bigint | number;
  readonly tags: readonly string[];
  readonly shuffle: boolean;
  readonly zip?: ZipName;
  readonly span: Span;
}

/** A stretch of numbers without an order of its own, for optimising sweepers. Two ints mean whole numbers only. */
export interface IntervalSweep {
  readonly kind: "interval";
  readonly start: bigint | number;
  readonly end: bigint | number;
  readonly tags: readonly string[];
  readonly span: Span;
}

/** The options of the config group that is the override's key, chosen by shell patterns. */
export interface GlobSweep {
  readonly kind: "glob";
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly zip?: ZipName;
  readonly span: Span;
}

/** A change of the list that the key holds; always the whole value of an override, or one of a sweep's. */
export interface ListEdit {
  readonly kind: "edit";
  readonly edit: "append" | "prepend" | "insert" | "remove";
  /** `insert` puts its items before the item of this index, counted from the end where negative; else null. */
  readonly at: bigint | null;
  readonly items: readonly Element[];
  readonly span: Span;
}

export type Sweep = ChoiceSweep | RangeSweep | IntervalSweep | GlobSweep;

export type Element =
  | ScalarElement
  | QuotedElement
  | InterpolationElement
  | ListElement
  | DictElement
  | ListEdit
  | Sweep;

export type OverrideKind = "change" | "add" | "force" | "delete";

/** One parsed override word. */
export interface Override {
  readonly kind: OverrideKind;
  /** Without prefix and `@package`: `a.b.c` or `db/pg`. */
  readonly key: string;
  /** The text after `@`; empty for `a@=x`, null without `@`. */
  readonly package: string | null;
  /** null for `~a` without `=`. */
  readonly value: Element | null;
  /** The whole word as typed. */
  readonly text: string;
  /** Position among the overrides, from 0. */
  readonly index: number;
  readonly keySpan: Span;
  /** Empty, at the end of the word, where there is no value. */
  readonly valueSpan: Span;
}

/** Whether the element stands for several values. */
export function isSweep(element: Element): element is Sweep {
  return (
    element.kind === "choice" ||
    element.kind === "range" ||
    element.kind === "interval" ||
    element.kind === "glob"
  );
}
