import { DataError } from "./errors.ts";

/** Text to milliseconds since 1970 (UTC where the text names no zone); NaN where it is no such time. */
export type TimeParser = (text: string) => number;

type Field =
  | "year"
  | "shortYear"
  | "month"
  | "monthName"
  | "day"
  | "hour"
  | "hour12"
  | "half"
  | "minute"
  | "second";
type Slot = Field | "fraction" | "zone";
type Fields = Partial<Record<Slot, string>>;

const directives: Readonly<Record<string, readonly [Slot, string]>> = {
  Y: ["year", "\\d{4}"],
  y: ["shortYear", "\\d{2}"],
  m: ["month", "\\d{1,2}"],
  b: ["monthName", "[A-Za-z]{3}"],
  B: ["monthName", "[A-Za-z]{3,9}"],
  d: ["day", "\\d{1,2}"],
  H: ["hour", "\\d{1,2}"],
  I: ["hour12", "\\d{1,2}"],
  p: ["half", "[AaPp][Mm]"],
  M: ["minute", "\\d{1,2}"],
  S: ["second", "\\d{1,2}"],
  f: ["fraction", "\\d{1,9}"],
  z: ["zone", "Z|[+-]\\d{2}:?\\d{2}"],
};

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Year first, `-` or `/` between; then optionally a time, a fraction of a second and a zone (ISO 8601 included). */
const usualTime =
  /^(?<year>\d{4})([-/])(?<month>\d{1,2})\2(?<day>\d{1,2})(?:[T ](?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?)?\s*(?<zone>Z|[+-]\d{2}:?\d{2})?$/;

/**
 * How the texts of a time column are read.
 *
 * @param format  `unix_s`, `unix_ms`, a strptime format of %Y %y %m %b %B %d %H %I %p %M %S %f %z, or null for
 *   `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS` and ISO 8601
 * @throws {DataError} DATA_BAD_TIME for a directive that is not one of these
 */
export function timeParser(format: string | null): TimeParser {
  if (format === "unix_s") return (text) => unixTime(text) * 1000;
  if (format === "unix_ms") return unixTime;
  const pattern = format === null ? usualTime : compileFormat(format);
  return (text) => {
    const match = pattern.exec(text.trim());
    return match === null ? Number.NaN : toMilliseconds(match.groups ?? {});
  };
}

function unixTime(text: string): number {
  return /^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : Number.NaN;
}

function compileFormat(format: string): RegExp {
  const seen = new Set<string>();
  const source = format.replaceAll(/%(.?)|[\\^$.*+?()[\]{}|/]/g, (token, letter: string | undefined) => {
    if (letter === undefined) return `\\${token}`;
    if (letter === "%") return "%";
    const directive = directives[letter];
    if (directive === undefined || seen.has(directive[0])) throw badDirective(format, token);
    seen.add(directive[0]);
    return `(?<${directive[0]}>${directive[1]})`;
  });
  return new RegExp(`^${source}$`);
}

function badDirective(format: string, token: string): DataError {
  return new DataError("DATA_BAD_TIME", `'${token}' in the time format is not known, or stands there twice`, {
    where: `data.time_format   ${format}`,
    fix: `use ${Object.keys(directives)
      .map((letter) => `%${letter}`)
      .join(" ")}, or unix_s, unix_ms`,
  });
}

function toMilliseconds(fields: Fields): number {
  const year = fields.shortYear === undefined ? Number(fields.year) : fullYear(Number(fields.shortYear));
  const month = fields.monthName === undefined ? Number(fields.month ?? 1) : monthNumber(fields.monthName);
  const day = Number(fields.day ?? 1);
  const hour =
    fields.hour12 === undefined ? Number(fields.hour ?? 0) : hourOf(Number(fields.hour12), fields.half);
  const minute = Number(fields.minute ?? 0);
  const second = Number(fields.second ?? 0);
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const inRange =
    month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth && hour < 24 && minute < 60 && second < 60;
  if (!inRange) return Number.NaN;
  const fraction = Math.trunc(Number(`0.${fields.fraction ?? 0}`) * 1000);
  return Date.UTC(year, month - 1, day, hour, minute, second, fraction) - zoneOffset(fields.zone);
}

/** Two digits as POSIX reads them: 69 to 99 are the 1900s. */
const fullYear = (short: number): number => short + (short < 69 ? 2000 : 1900);

const monthNumber = (name: string): number => monthNames.indexOf(name.slice(0, 3).toLowerCase()) + 1;

function hourOf(hour12: number, half: string | undefined): number {
  if (hour12 < 1 || hour12 > 12) return Number.NaN;
  return (hour12 % 12) + (half?.toLowerCase() === "pm" ? 12 : 0);
}

function zoneOffset(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const digits = zone.replace(":", "");
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5));
  return (digits.startsWith("-") ? -minutes : minutes) * 60_000;
}
