import { closestNames } from "../core/index.ts";
import { AppError } from "./errors.ts";
import { flags } from "./flags.ts";

export interface KeyFlag {
  /** The override word that it stands for. */
  readonly word: string;
  /** How many words behind it belong to it. */
  readonly consumed: 0 | 1;
}

/** A value path or a group, without prefix: what `KEY=VALUE` would start with. */
const key = /^--([\p{ID_Start}_$][\p{ID_Continue}$./@-]*)(?:=([\s\S]*))?$/u;

/**
 * `--training.learning_rate 1e-3` as `training.learning_rate=1e-3`; undefined where the word is no such thing: it looks
 * like a misspelt flag, or nothing follows that could be its value.
 *
 * @param next  the word behind it
 * @throws {AppError} APP_FLAG_VALUE for a dotted key, which can be no flag, without a value
 */
export function keyFlag(word: string, next: string | undefined): KeyFlag | undefined {
  const [, name, attached] = key.exec(word) ?? [];
  if (name === undefined) return undefined;
  const isDotted = /[./]/.test(name);
  if (!isDotted && isNearFlag(name)) return undefined;
  if (attached !== undefined) return { word: `${name}=${attached}`, consumed: 0 };
  if (next !== undefined && isValue(next)) return { word: `${name}=${next}`, consumed: 1 };
  if (!isDotted) return undefined;
  throw new AppError("APP_FLAG_VALUE", `--${name} needs a value`, {
    where: next === undefined ? word : `${word} ${next}`,
    fix: `write --${name} VALUE or ${name}=VALUE`,
  });
}

/** Neither a flag (a negative number is none) nor an override of its own. */
function isValue(word: string): boolean {
  if (/^-(?:\.?\d|inf$)/i.test(word)) return true;
  return (
    !/^(?:-.|~[\p{ID_Start}_$])/u.test(word) &&
    !/^\+{0,2}[\p{ID_Start}_$][\p{ID_Continue}$./@-]*=/u.test(word)
  );
}

function isNearFlag(name: string): boolean {
  const names = Object.values(flags).map(({ long }) => long);
  return closestNames(name, names, 1).length > 0 || names.some((flag) => flag.startsWith(name));
}
