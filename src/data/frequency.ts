/** The time step of a series. */
export interface Frequency {
  /** Such as `15min`, `1h`, `1d`, `1mo`. */
  readonly name: string;
  /** The step in milliseconds; null for calendar months. */
  readonly milliseconds: number | null;
  /** The step in calendar months; null for a fixed length of time. */
  readonly months: number | null;
  /** False where some steps differ from the usual one: rows are missing. */
  readonly regular: boolean;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const units = [
  { name: "d", length: DAY, season: 1 },
  { name: "h", length: HOUR, season: 24 },
  { name: "min", length: MINUTE, season: 1440 },
  { name: "s", length: SECOND, season: 3600 },
  { name: "ms", length: 1, season: 1 },
] as const;

const MONTHS_A_YEAR = 12;

/** The usual step of increasing times (milliseconds); null for fewer than two rows. */
export function detectFrequency(times: Float64Array): Frequency | null {
  if (times.length < 2) return null;
  const { step, share } = commonestStep(times);
  if (share < 1) {
    const months = monthStep(times);
    if (months !== null)
      return Object.freeze({ name: `${months}mo`, milliseconds: null, months, regular: true });
  }
  return Object.freeze({ name: nameOf(step), milliseconds: step, months: null, regular: share === 1 });
}

/**
 * Samples in a season by the time step, as GluonTS's `get_seasonality` gives them: seconds 3600 (an hour), minutes
 * 1440 and hours 24 (a day), months 12 (a year), days and weeks 1; divided by the multiple of the unit, or 1 where
 * that leaves a remainder. Unknown steps have season 1, which makes the seasonal naive forecast the last value.
 */
export function seasonOf(frequency: Frequency | null): number {
  if (frequency === null) return 1;
  if (frequency.months !== null) return divided(MONTHS_A_YEAR, frequency.months);
  const step = frequency.milliseconds ?? 1;
  const unit = unitOf(step);
  return divided(unit.season, step / unit.length);
}

function divided(season: number, multiple: number): number {
  return season % multiple === 0 ? season / multiple : 1;
}

function unitOf(step: number) {
  return units.find((unit) => step % unit.length === 0) ?? units[4];
}

function nameOf(step: number): string {
  const unit = unitOf(step);
  return `${step / unit.length}${unit.name}`;
}

function commonestStep(times: Float64Array): { step: number; share: number } {
  const counts = new Map<number, number>();
  for (let row = 1; row < times.length; row++) {
    const step = (times[row] as number) - (times[row - 1] as number);
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  let best = { step: 0, count: 0 };
  for (const [step, count] of counts) if (count > best.count) best = { step, count };
  return { step: best.step, share: best.count / (times.length - 1) };
}

/** The step in months where every time has the same day and hour, or is the last day of its month; else null. */
function monthStep(times: Float64Array): number | null {
  const dates = Array.from(times, (time) => new Date(time));
  const [first, second] = dates;
  if (!first || !second) return null;
  const sameDay = dates.every((date) => date.getUTCDate() === first.getUTCDate());
  if (!sameDay && !dates.every(isLastOfMonth)) return null;
  const step = monthNumber(second) - monthNumber(first);
  const regular = dates.every(
    (date, row) =>
      monthNumber(date) === monthNumber(first) + row * step && timeOfDay(date) === timeOfDay(first),
  );
  return regular && step > 0 ? step : null;
}

const monthNumber = (date: Date): number => date.getUTCFullYear() * MONTHS_A_YEAR + date.getUTCMonth();
const timeOfDay = (date: Date): number => date.getTime() % DAY;
const isLastOfMonth = (date: Date): boolean => new Date(date.getTime() + DAY).getUTCDate() === 1;
