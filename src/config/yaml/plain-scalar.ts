import type { ScalarValue } from "../node.ts";

const boolPattern = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const nullPattern = /^(?:~|null|Null|NULL|)$/;
const intPattern =
  /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const floatPatterns = [
  // PyYAML's own, and OmegaConf's, which takes exponents without a sign or a dot.
  /^[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?$/,
  /^[-+]?[0-9](?:_?[0-9])*\.[0-9_]*[eE][-+]?[0-9]+$/,
  /^[-+]?[0-9](?:_?[0-9])*[eE][-+]?[0-9]+$/,
  /^\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?$/,
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/,
  /^[-+]?\.(?:inf|Inf|INF)$/,
  /^\.(?:nan|NaN|NAN)$/,
];

/** What an unquoted YAML 1.1 scalar is, as PyYAML with OmegaConf's wider float pattern reads it. */
export function plainScalar(text: string): ScalarValue {
  if (nullPattern.test(text)) return null;
  if (boolPattern.test(text)) return yamlBool(text);
  if (!/^[-+.0-9]/.test(text)) return text;
  if (intPattern.test(text)) return yamlInt(text);
  if (floatPatterns.some((pattern) => pattern.test(text))) return yamlFloat(text);
  return text;
}

/** `yes`, `On`, `TRUE`, …; undefined for any other text. */
export function yamlBool(text: string): boolean {
  return /^(?:yes|true|on)$/i.test(text);
}

/** Decimal, `0x`, `0b`, octal with a leading 0, base 60 with colons; underscores anywhere. @throws RangeError */
export function yamlInt(text: string): bigint {
  const negative = text.startsWith("-");
  const digits = text.replace(/^[-+]/, "").replaceAll("_", "");
  const value = unsignedInt(digits);
  return negative ? -value : value;
}

function unsignedInt(digits: string): bigint {
  if (digits.startsWith("0b") || digits.startsWith("0x")) {
    if (digits.length === 2) throw new RangeError(`no digits in '${digits}'`);
    return BigInt(digits);
  }
  if (digits.includes(":")) return digits.split(":").reduce((sum, part) => sum * 60n + decimal(part), 0n);
  if (digits.length > 1 && digits.startsWith("0")) return octal(digits);
  return decimal(digits);
}

function decimal(digits: string): bigint {
  if (!/^[0-9]+$/.test(digits)) throw new RangeError(`'${digits}' is not a number`);
  return BigInt(digits);
}

function octal(digits: string): bigint {
  if (!/^[0-7]+$/.test(digits)) throw new RangeError(`'${digits}' is not an octal number`);
  return BigInt(`0o${digits}`);
}

/** Decimal with `_`, base 60, `.inf`, `.nan`. @throws RangeError where no digits are left. */
export function yamlFloat(text: string): number {
  const lower = text.replaceAll("_", "").toLowerCase();
  const sign = lower.startsWith("-") ? -1 : 1;
  const digits = lower.replace(/^[-+]/, "");
  if (digits === ".inf") return sign * Number.POSITIVE_INFINITY;
  if (digits === ".nan") return Number.NaN;
  if (digits.includes(":")) {
    return sign * digits.split(":").reduce((sum, part) => sum * 60 + finite(part), 0);
  }
  return sign * finite(digits);
}

function finite(digits: string): number {
  if (!/[0-9]/.test(digits)) throw new RangeError(`no digits in '${digits}'`);
  const value = Number(digits);
  if (Number.isNaN(value)) throw new RangeError(`'${digits}' is not a number`);
  return value;
}
