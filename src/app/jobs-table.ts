import { createRequire } from "node:module";
import type TableClass from "cli-table3";
import { TtmError } from "../core/index.ts";
import type { JobOutcome } from "../launch/index.ts";
import { noBorders } from "./no-borders.ts";

/**
 * A table that compares the jobs of a sweep: number, the swept keys, status, and what each task returned (a number,
 * or the values that are numbers, texts or booleans, one column each).
 */
export function jobsTable(outcomes: readonly JobOutcome[]): string {
  const params = namesIn(outcomes.map(({ params }) => params));
  const results = namesIn(outcomes.map(resultColumns));
  // Loaded here: most command lines show no table.
  const Table = createRequire(import.meta.url)("cli-table3") as typeof TableClass;
  const table = new Table({
    head: ["#", ...params, "status", ...results],
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const outcome of outcomes) {
    const columns = resultColumns(outcome);
    table.push([
      String(outcome.num ?? ""),
      ...params.map((name) => outcome.params[name] ?? ""),
      outcome.status,
      ...results.map((name) => columns[name] ?? ""),
    ]);
  }
  return `${table.toString().replace(/ +$/gm, "")}\n`;
}

function resultColumns(outcome: JobOutcome): Readonly<Record<string, string>> {
  if (outcome.error !== undefined) return { error: oneLine(outcome.error) };
  const { result } = outcome;
  if (result === undefined) return {};
  if (typeof result === "number") return { result: cellText(result) };
  const shown = Object.entries(result).filter(([, value]) =>
    ["number", "string", "boolean"].includes(typeof value),
  );
  return Object.fromEntries(shown.map(([name, value]) => [name, cellText(value)]));
}

function cellText(value: unknown): string {
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(6)));
}

function oneLine(error: unknown): string {
  const text = error instanceof TtmError ? `${error.code}: ${error.message}` : String(error);
  const first = text.split("\n")[0] ?? "";
  return first.length > 80 ? `${first.slice(0, 79)}…` : first;
}

function namesIn(records: readonly Readonly<Record<string, string>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}
