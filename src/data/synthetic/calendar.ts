import type { Random } from "../../core/index.ts";
import { chance, logUniform, weighted } from "./draws.ts";

/** The periods, in steps, at which a series may repeat itself. */
export interface Calendar {
  /** Steps in the shortest natural cycle: a day of hourly data, a week of daily data, a year of monthly data. */
  readonly cycle: number;
  /** Cycles in the next longer one, such as 7 days in a week; null where there is none. */
  readonly longer: number | null;
  /** Further periods. */
  readonly others: readonly number[];
}

interface Row extends Calendar {
  readonly weight: number;
}

/** Days. */
const YEAR = 365.25;

/** How often data is measured, and how often such data is met. The first row has no calendar: its period is drawn. */
const calendars: readonly [Row, ...Row[]] = [
  { weight: 10, cycle: 0, longer: null, others: [] },
  { weight: 34, cycle: 24, longer: 7, others: [12] }, // hours
  { weight: 9, cycle: 48, longer: 7, others: [24] }, // half hours
  { weight: 10, cycle: 96, longer: 7, others: [48] }, // quarter hours
  { weight: 6, cycle: 144, longer: null, others: [72] }, // ten minutes
  { weight: 5, cycle: 288, longer: null, others: [144] }, // five minutes
  { weight: 2, cycle: 60, longer: 24, others: [] }, // minutes; seconds
  { weight: 8, cycle: 7, longer: null, others: [YEAR / 12, YEAR] }, // days that know of weeks
  { weight: 10, cycle: YEAR, longer: null, others: [YEAR / 2] }, // days that do not: weather
  { weight: 4, cycle: YEAR / 7, longer: null, others: [] }, // weeks
  { weight: 4, cycle: 12, longer: null, others: [] }, // months
];

/** Bounds of a drawn period, in steps. */
const PERIODS = [4, 400] as const;

export function drawCalendar(random: Random): Calendar {
  const row = weighted(random, calendars);
  if (row.cycle > 0) return row;
  const others = chance(random, 0.4) ? [logUniform(random, ...PERIODS)] : [];
  return { cycle: Math.max(PERIODS[0], Math.round(logUniform(random, ...PERIODS))), longer: null, others };
}
