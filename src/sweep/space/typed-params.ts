import type { Override, PlainValue } from "../../config/index.ts";
import { floatRepr, pythonStr } from "../../config/index.ts";
import { SweepError } from "../errors.ts";
import type { Settings } from "../read-settings.ts";
import { elementOf } from "../sweep-blocks.ts";
import { sweepParams } from "../sweep-params.ts";
import { wordText } from "../word-text.ts";

/**
 * `hydra.sweeper.params` for a search (`search_space`, its older name, where that is empty): texts as for every sweeper, and
 * Hydra's maps, which say the same in other words:
 *
 *     {type: float, low: 1e-5, high: 0.1, log: true}     tag(log, interval(1e-05, 0.1))
 *     {type: int, low: 0, high: 8, step: 2}              range(0, 9, 2)
 *     {type: categorical, choices: [a, b]}               choice(a, b)
 *
 * @throws {SweepError} SWEEP_SPACE for a map of another form, SWEEP_PARAMS
 */
export function searchParams(settings: Settings): Override[] {
  const params = settings.get("params") ?? null;
  const isEmpty = params === null || (params instanceof Map && params.size === 0);
  const given = isEmpty ? (settings.get("search_space") ?? null) : params;
  if (!(given instanceof Map)) return sweepParams(given);
  return sweepParams(
    new Map(
      [...given].map(([key, value]): [string, PlainValue] => {
        const name = pythonStr(key);
        return [name, value instanceof Map && value.has("type") ? typedText(name, value) : value];
      }),
    ),
  );
}

type Fields = ReadonlyMap<PlainValue, PlainValue>;

function typedText(name: string, fields: Fields): string {
  const type = fields.get("type");
  if (type === "categorical") return categoryText(name, fields);
  if (type === "float") return numberText(name, fields, floatText);
  if (type === "int") return numberText(name, fields, intText);
  throw spaceError(name, `has the type ${pythonStr(type ?? null)}`, "type: float, int or categorical");
}

function categoryText(name: string, fields: Fields): string {
  const choices = fields.get("choices");
  if (!Array.isArray(choices) || choices.length === 0)
    throw spaceError(name, "has no choices", "choices: [a, b]");
  return `choice(${choices.map((choice: PlainValue) => wordText(elementOf(choice))).join(",")})`;
}

function numberText(name: string, fields: Fields, text: (value: number) => string): string {
  const low = numberField(name, fields, "low");
  const high = numberField(name, fields, "high");
  const isInt = text === intText;
  const step = fields.get("step") ?? null;
  const bare = `interval(${text(low)},${text(high)})`;
  const interval = isInt ? `int(${bare})` : bare;
  if (fields.get("log") === true) return `tag(log,${interval})`;
  if (step === null || (isInt && Number(step) === 1)) return interval;
  const width = numberField(name, fields, "step");
  const stop = isInt ? high + 1 : high + width / 2;
  return `range(${text(low)},${text(stop)},${text(width)})`;
}

function numberField(name: string, fields: Fields, field: string): number {
  const value = fields.get(field);
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw spaceError(name, `needs a number as its ${field}`, `{type: float, low: 0.1, high: 1.0}`);
}

function floatText(value: number): string {
  return floatRepr(value);
}

function intText(value: number): string {
  return String(Math.trunc(value));
}

function spaceError(name: string, what: string, fix: string): SweepError {
  return new SweepError("SWEEP_SPACE", `the distribution of '${name}' ${what}`, {
    where: `hydra.sweeper.params.${name}`,
    fix,
  });
}
