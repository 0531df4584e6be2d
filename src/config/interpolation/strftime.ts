const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** The directives of C's `strftime` (C locale, local time) and Python's `%f`. */
const directives: Readonly<Record<string, (date: Date) => string>> = {
  a: (date) => (days[date.getDay()] ?? "").slice(0, 3),
  A: (date) => days[date.getDay()] ?? "",
  b: (date) => (months[date.getMonth()] ?? "").slice(0, 3),
  B: (date) => months[date.getMonth()] ?? "",
  c: (date) => strftime("%a %b %e %H:%M:%S %Y", date),
  C: (date) => pad(Math.floor(date.getFullYear() / 100), 2),
  d: (date) => pad(date.getDate(), 2),
  D: (date) => strftime("%m/%d/%y", date),
  e: (date) => String(date.getDate()).padStart(2, " "),
  f: (date) => pad(date.getMilliseconds() * 1000, 6),
  F: (date) => strftime("%Y-%m-%d", date),
  G: (date) => pad(isoWeek(date).year, 4),
  h: (date) => strftime("%b", date),
  H: (date) => pad(date.getHours(), 2),
  I: (date) => pad(date.getHours() % 12 || 12, 2),
  j: (date) => pad(dayOfYear(date) + 1, 3),
  m: (date) => pad(date.getMonth() + 1, 2),
  M: (date) => pad(date.getMinutes(), 2),
  n: () => "\n",
  p: (date) => (date.getHours() < 12 ? "AM" : "PM"),
  r: (date) => strftime("%I:%M:%S %p", date),
  R: (date) => strftime("%H:%M", date),
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  S: (date) => pad(date.getSeconds(), 2),
  t: () => "\t",
  T: (date) => strftime("%H:%M:%S", date),
  u: (date) => String(date.getDay() || 7),
  U: (date) => pad(Math.floor((dayOfYear(date) + 7 - date.getDay()) / 7), 2),
  V: (date) => pad(isoWeek(date).week, 2),
  w: (date) => String(date.getDay()),
  W: (date) => pad(Math.floor((dayOfYear(date) + 7 - ((date.getDay() + 6) % 7)) / 7), 2),
  x: (date) => strftime("%m/%d/%y", date),
  X: (date) => strftime("%H:%M:%S", date),
  y: (date) => pad(date.getFullYear() % 100, 2),
  Y: (date) => String(date.getFullYear()),
  // Python's naive datetime has no zone.
  z: () => "",
  Z: () => "",
  "%": () => "%",
};

/** `%Y-%m-%d` and the like; an unknown directive stays as it is. */
export function strftime(pattern: string, date: Date): string {
  return pattern.replace(/%(.)/gs, (whole, letter: string) => directives[letter]?.(date) ?? whole);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** From 0. Counted in calendar days, so that summer time does not matter. */
function dayOfYear(date: Date): number {
  const midnight = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight - Date.UTC(date.getFullYear(), 0, 1)) / 86_400_000);
}

function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()));
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
  const year = thursday.getUTCFullYear();
  return { year, week: Math.ceil(((thursday.getTime() - Date.UTC(year, 0, 1)) / 86_400_000 + 1) / 7) };
}
