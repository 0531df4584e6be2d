import type { Random } from "../../core/index.ts";
import type { ChoiceSweep, Element, ListEdit, RangeSweep, Span, Sweep } from "./ast.ts";
import { isSweep } from "./ast.ts";
import { type Accepted, type Argument, type Bound, bind, type Signature } from "./bind.ts";
import { type CastName, castElement, toFloat } from "./casts.ts";
import { elementText } from "./element-text.ts";
import { CallFault } from "./faults.ts";
import { compareCodePoints, kindName, numberOf, sortElements } from "./order.ts";
import { shuffled } from "./shuffled.ts";
import { sortSweep } from "./sort-sweep.ts";

/** What a function row knows of the call beside its arguments. */
export interface CallContext {
  readonly span: Span;
  /** The call as typed. */
  readonly text: string;
  readonly random: Random;
}

interface FunctionRow extends Signature {
  /** @throws {CallFault} for arguments of the right kinds that still make no sense */
  readonly call: (bound: Bound, context: CallContext) => Element;
}

// ----- What parameters take -----

const text: Accepted = { label: "text", test: isText };
const number: Accepted = { label: "a number", test: isNumber };
const bool: Accepted = {
  label: "true or false",
  test: (e) => e.kind === "scalar" && typeof e.value === "boolean",
};
const list: Accepted = { label: "a list", test: (e) => e.kind === "list" };
const dict: Accepted = { label: "a dict", test: (e) => e.kind === "dict" };
const choice: Accepted = { label: "a choice", test: (e) => e.kind === "choice" };
const range: Accepted = { label: "a range", test: (e) => e.kind === "range" };
const interval: Accepted = { label: "an interval", test: (e) => e.kind === "interval" };
const glob: Accepted = { label: "a glob", test: (e) => e.kind === "glob" };
const none: Accepted = { label: "null", test: (e) => e.kind === "scalar" && e.value === null };
const sortable = oneOf(text, number, list, dict, choice, range);
const castable = oneOf(sortable, interval, none);
const item = oneOf(text, number, list, dict, none);
const taggable = oneOf(choice, range, interval);

function oneOf(first: Accepted, ...others: readonly Accepted[]): Accepted {
  const all = [first, ...others];
  const labels = all.map(({ label }) => label);
  return {
    label: `${labels.slice(0, -1).join(", ")} or ${labels.at(-1)}`,
    test: (element) => all.some((accepted) => accepted.test(element)),
  };
}

// ----- The functions -----

/** Every override function: what it takes, what it gives. A new one is a new row. */
const rows: Readonly<Record<string, FunctionRow>> = {
  choice: { rest: oneOf(text, number, dict, list, choice), named: {}, call: makeChoice },
  range: {
    named: {
      start: { accepts: number, required: true },
      stop: { accepts: oneOf(number, none) },
      step: { accepts: number },
    },
    call: makeRange,
  },
  interval: {
    named: { start: { accepts: number, required: true }, end: { accepts: number, required: true } },
    call: ({ named }, { span }) => {
      const [start, end] = [toFloat(numberIn(named, "start", 0n)), toFloat(numberIn(named, "end", 0n))];
      return { kind: "interval", start, end, tags: [], span };
    },
  },
  glob: {
    named: {
      include: { accepts: oneOf(text, list), required: true },
      exclude: { accepts: oneOf(text, list, none) },
    },
    call: ({ named }, { span }) => {
      return {
        kind: "glob",
        include: patterns(named.get("include")),
        exclude: patterns(named.get("exclude")),
        span,
      };
    },
  },
  tag: {
    rest: oneOf(text, taggable),
    named: { sweep: { accepts: oneOf(taggable, none) } },
    call: makeTagged,
  },
  zip: {
    rest: oneOf(text, number, dict, list, none, choice, range, glob),
    named: { name: { accepts: text } },
    call: makeZip,
  },
  append: { rest: item, named: {}, call: editRow("append") },
  /** Hydra 1.4's name for append. */
  extend_list: { rest: item, named: {}, call: editRow("append") },
  prepend: { rest: item, named: {}, call: editRow("prepend") },
  remove: { rest: item, named: {}, call: editRow("remove") },
  insert: { rest: item, named: {}, call: makeInsert },
  sort: {
    rest: sortable,
    named: {
      sweep: { accepts: oneOf(choice, range, none) },
      list: { accepts: oneOf(list, none) },
      reverse: { accepts: bool },
    },
    call: makeSorted,
  },
  shuffle: {
    rest: sortable,
    named: { sweep: { accepts: oneOf(choice, range, none) }, list: { accepts: oneOf(list, none) } },
    call: makeShuffled,
  },
  int: castRow("int"),
  float: castRow("float"),
  str: castRow("str"),
  bool: castRow("bool"),
};

/** The functions' names, sorted. */
export const functionNames: readonly string[] = Object.keys(rows).sort();

/**
 * Calls an override function. Quotes around whole arguments are dropped first, as in Hydra.
 *
 * @throws {CallFault} for a call that cannot be carried out
 */
export function callFunction(name: string, args: readonly Argument[], context: CallContext): Element {
  const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (row === undefined) throw new CallFault("unknown function", { code: "OVERRIDE_UNKNOWN_FUNCTION" });
  const bare = args.map((argument) => ({ ...argument, value: withoutQuotes(argument.value) }));
  return row.call(bind(name, row, bare), context);
}

/** How a function is written: `range(start, stop=, step=)`, `choice(…)`, `sort(…, sweep=, list=, reverse=)`. */
export function functionUsage(name: string): string | undefined {
  const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (row === undefined) return undefined;
  const named = Object.entries(row.named).map(
    ([parameter, { required }]) => parameter + (required ? "" : "="),
  );
  return `${name}(${[...(row.rest ? ["…"] : []), ...named].join(", ")})`;
}

function withoutQuotes(element: Element): Element {
  if (element.kind !== "quoted") return element;
  const { value, quote, span } = element;
  return { kind: "scalar", value, text: quote + value + quote, span };
}

// ----- Sweeps -----

function makeChoice({ rest }: Bound, { span }: CallContext): Element {
  const [first] = rest;
  if (first === undefined) throw new CallFault("choice() needs at least one value");
  if (rest.length > 1 || first.kind !== "choice") return simpleChoice(rest, span, false);
  if (!first.simple) throw new CallFault("a choice cannot hold a choice", { fix: "leave one choice(…) out" });
  return { ...first, simple: false, span };
}

function simpleChoice(items: readonly Element[], span: Span, simple = true): ChoiceSweep {
  return { kind: "choice", simple, items, tags: [], shuffle: false, span };
}

function makeRange({ named }: Bound, { span }: CallContext): Element {
  const first = numberIn(named, "start", 0n);
  const step = numberIn(named, "step", 1n);
  const [start, stop] = named.has("stop") ? [first, numberIn(named, "stop", 0n)] : [0n, first];
  return { kind: "range", start, stop, step, tags: [], shuffle: false, span };
}

function makeTagged({ rest, named }: Bound, { span }: CallContext): Element {
  const all = named.has("sweep") ? [...rest, named.get("sweep")] : rest;
  const sweep = all.at(-1);
  if (rest.length === 0) throw new CallFault("tag() needs tags and a sweep", { fix: "tag(NAME, choice(…))" });
  if (sweep === undefined || !isTaggable(sweep)) {
    throw new CallFault("the last argument of tag() must be a choice, a range or an interval");
  }
  const tags = new Set(all.slice(0, -1).map((tag) => tagName(tag)));
  return { ...sweep, tags: [...tags].sort(compareCodePoints), span };
}

function tagName(element: Element | undefined): string {
  if (element !== undefined && isText(element)) return textOf(element);
  throw new CallFault("tag() takes text before its sweep");
}

function isTaggable(element: Element): element is Exclude<Sweep, { kind: "glob" }> {
  return element.kind === "choice" || element.kind === "range" || element.kind === "interval";
}

/** `zip(1,2)`, `zip(range(3))`: the keys whose sweeps have one zip name take their values in step. */
function makeZip({ rest, named }: Bound, { span }: CallContext): Element {
  const [first, second] = rest;
  if (first === undefined) throw new CallFault("zip() needs at least one value");
  const name = named.get("name");
  const zip = name === undefined ? "" : textOf(name);
  if (second === undefined && (isOrderedSweep(first) || first.kind === "glob")) {
    return first.kind === "choice" ? { ...first, simple: false, zip, span } : { ...first, zip, span };
  }
  return { ...simpleChoice(plainItems(rest, "zip"), span, false), zip };
}

// ----- Changes of a list -----

function editRow(edit: ListEdit["edit"]): FunctionRow["call"] {
  return ({ rest }, { span }) => {
    if (rest.length === 0) throw new CallFault(`${edit}() needs at least one item`);
    return { kind: "edit", edit, at: null, items: rest, span };
  };
}

function makeInsert({ rest: [index, ...items] }: Bound, { span }: CallContext): Element {
  const at = index?.kind === "scalar" ? index.value : undefined;
  if (typeof at !== "bigint" || items.length === 0) {
    throw new CallFault("insert() needs an index and at least one item", { fix: "write insert(0,ITEM)" });
  }
  return { kind: "edit", edit: "insert", at, items, span };
}

// ----- Order -----

function makeSorted({ rest, named }: Bound, { span }: CallContext): Element {
  const descending = isTrue(named.get("reverse"));
  const [only, second] = [named.get("list") ?? named.get("sweep") ?? rest[0], rest[1]];
  if (only === undefined) throw new CallFault("sort() needs something to sort");
  if (second === undefined || named.has("list") || named.has("sweep")) return sortOne(only, descending, span);
  const odd = rest.find((element) => !isText(element) && !isNumber(element));
  if (odd !== undefined) throw new CallFault(`sort() cannot take ${kindName(odd)} among several values`);
  return sortSweep(simpleChoice(rest, span), descending);
}

function sortOne(element: Element, descending: boolean, span: Span): Element {
  if (isOrderedSweep(element)) return { ...sortSweep(element, descending), span };
  if (element.kind === "list") return { ...element, items: sortElements(element.items, descending), span };
  return element;
}

function makeShuffled({ rest, named }: Bound, { span, random }: CallContext): Element {
  const only = named.get("list") ?? named.get("sweep") ?? (rest.length === 1 ? rest[0] : undefined);
  if (only === undefined) return { ...simpleChoice(plainItems(rest, "shuffle"), span), shuffle: true };
  if (isOrderedSweep(only)) return { ...only, shuffle: true, span };
  if (only.kind === "list") return { ...only, items: shuffled(only.items, random), span };
  return { kind: "list", items: [only], span };
}

function isOrderedSweep(element: Element): element is ChoiceSweep | RangeSweep {
  return element.kind === "choice" || element.kind === "range";
}

/** Several arguments that together are a simple sweep; none may be a sweep itself. */
function plainItems(items: readonly Element[], call: string): readonly Element[] {
  const odd = items.find((item) => isSweep(item));
  if (odd === undefined) return items;
  throw new CallFault(`${call}() takes several plain values or one sweep`, { span: odd.span });
}

// ----- Casts -----

function castRow(name: CastName): FunctionRow {
  return {
    rest: castable,
    named: { value: { accepts: castable } },
    call: ({ rest, named }, context) => {
      const value = named.get("value");
      const [only, second] = [value ?? rest[0], rest[1]];
      if (only === undefined) throw new CallFault(`${name}() needs a value`);
      if (value !== undefined && rest.length > 0) throw new CallFault(`${name}() takes its value once`);
      const { text: typed, span } = context;
      const element = second === undefined ? only : simpleChoice(plainItems(rest, name), span);
      return castElement(name, element, typed, span);
    },
  };
}

// ----- Reading arguments -----

function isText(element: Element): boolean {
  return element.kind === "interpolation" || (element.kind === "scalar" && typeof element.value === "string");
}

/** A bool is a number to Python, and so to Hydra. */
function isNumber(element: Element): boolean {
  return element.kind === "scalar" && numberOf(element.value) !== undefined;
}

function isTrue(element: Element | undefined): boolean {
  return element?.kind === "scalar" && element.value === true;
}

function textOf(element: Element): string {
  if (element.kind === "interpolation") return element.text;
  return element.kind === "scalar" || element.kind === "quoted"
    ? String(element.value)
    : elementText(element);
}

function numberIn(named: ReadonlyMap<string, Element>, name: string, otherwise: bigint): bigint | number {
  const element = named.get(name);
  return (element?.kind === "scalar" ? numberOf(element.value) : undefined) ?? otherwise;
}

function patterns(element: Element | undefined): readonly string[] {
  if (element === undefined) return [];
  return element.kind === "list" ? element.items.map(textOf) : [textOf(element)];
}
