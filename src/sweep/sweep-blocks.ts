import type { Element, PlainValue, Scalar } from "../config/index.ts";
import { parseOverride, pythonStr } from "../config/index.ts";
import { SweepError } from "./errors.ts";
import { refuseHydraKey } from "./sweep-params.ts";
import type { SweepSlot } from "./sweep-slots.ts";
import { typedSlot } from "./sweep-slots.ts";

type Fields = ReadonlyMap<Scalar, PlainValue>;

/**
 * The sweep that a config holds as data, so that every value reaches its job with its type:
 *
 *     hydra:
 *       sweeper:
 *         grid: {lr: [1e-4, 1e-3], seed: [1, 2]}     every combination
 *         zip: {width: [64, 128], depth: [4, 2]}     in step; a list of such maps makes several
 *         points: [{a: 1, b: x}, {a: 2}]             just these
 *
 * @throws {SweepError} SWEEP_BLOCK for another form, SWEEP_EMPTY for a key without values, SWEEP_PARAMS for a key of hydra's own
 */
export function sweepBlocks(settings: ReadonlyMap<string, PlainValue>): SweepSlot[] {
  const zips = listOf(settings.get("zip"));
  return [
    ...columnSlots("grid", settings.get("grid"), undefined),
    ...zips.flatMap((zip, index) => columnSlots("zip", zip, `hydra.sweeper.zip ${index}`)),
    ...pointSlots(settings.get("points")),
  ];
}

function columnSlots(
  block: "grid" | "zip",
  value: PlainValue | undefined,
  zip: string | undefined,
): SweepSlot[] {
  if (isNothing(value)) return [];
  const example = "{seed: [1, 2], rate: [0.1, 0.2]}";
  return [...fieldsOf(block, value, example)].map(([key, column]) => {
    const values = listOf(column);
    if (values.length === 0) throw emptyColumn(block, key);
    return typedSlot(keyOverride(block, key), values.map(elementOf), zip);
  });
}

function pointSlots(value: PlainValue | undefined): SweepSlot[] {
  if (isNothing(value)) return [];
  const example = "[{seed: 1, rate: 0.1}, {seed: 2}]";
  if (!Array.isArray(value)) throw badBlock("points", value, example);
  const points = value.map((point: PlainValue) => fieldsOf("points", point, example));
  const keys = new Set(points.flatMap((point) => [...point.keys()]));
  return [...keys].map((key) => {
    const values = points.map((point) => (point.has(key) ? elementOf(point.get(key) ?? null) : undefined));
    return typedSlot(keyOverride("points", key), values, "hydra.sweeper.points");
  });
}

function keyOverride(block: string, key: Scalar) {
  const override = parseOverride(`${pythonStr(key)}=null`, 0);
  refuseHydraKey(override, block);
  return override;
}

/** The value as an element, without a look at its text. Text with `${` is an interpolation of the job's. */
export function elementOf(value: PlainValue): Element {
  const span = { start: 0, end: 0 };
  if (Array.isArray(value)) return { kind: "list", items: value.map(elementOf), span };
  if (value instanceof Map) {
    const entries = [...(value as Fields)].map(([key, item]) => ({ key, value: elementOf(item) }));
    return { kind: "dict", entries, span };
  }
  const scalar = value as Scalar;
  if (typeof scalar === "string" && scalar.includes("${"))
    return { kind: "interpolation", text: scalar, span };
  return { kind: "scalar", value: scalar, text: pythonStr(scalar), span };
}

function isNothing(value: PlainValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** A list's items; anything else as one item; nothing for null. */
function listOf(value: PlainValue | undefined): readonly PlainValue[] {
  if (isNothing(value)) return [];
  return Array.isArray(value) ? value : [value];
}

function fieldsOf(block: string, value: PlainValue, example: string): Fields {
  if (value instanceof Map) return value as Fields;
  throw badBlock(block, value, example);
}

function badBlock(block: string, value: PlainValue, example: string): SweepError {
  return new SweepError("SWEEP_BLOCK", `hydra.sweeper.${block} cannot be ${pythonStr(value)}`, {
    where: `hydra.sweeper.${block}`,
    fix: `write   ${block}: ${example}`,
  });
}

function emptyColumn(block: string, key: Scalar): SweepError {
  const name = pythonStr(key);
  return new SweepError("SWEEP_EMPTY", `'${name}' has no value to take, so there would be no job`, {
    where: `hydra.sweeper.${block}.${name}`,
    fix: `give it values (${name}: [1, 2]), or leave it out`,
  });
}
