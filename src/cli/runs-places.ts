import { existsSync } from "node:fs";

/** Where runs lie that nobody names. */
const USUAL = ["experiments", "multirun"];

/** The folders in which a command looks for runs. */
export function runPlaces(named: readonly string[] = []): readonly string[] {
  if (named.length > 0) return named;
  return USUAL.filter((folder) => existsSync(folder));
}
