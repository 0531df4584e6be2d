import Table from "cli-table3";
import { noBorders } from "../app/index.ts";

export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A table without lines, for a terminal. */
export function plainTable({ head, rows }: TextTable): string {
  const table = new Table({
    head: [...head],
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) table.push([...row]);
  return `${table.toString().replace(/ +$/gm, "")}\n`;
}

/** The same as CSV (RFC 4180, with `\n`). */
export function csvTable({ head, rows }: TextTable): string {
  return [head, ...rows].map((row) => `${row.map(csvField).join(",")}\n`).join("");
}

function csvField(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A value in a cell: numbers with up to 5 digits that matter for people, whole texts otherwise. */
export function cellText(value: unknown, exact = false): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number" && !exact && !Number.isInteger(value))
    return String(Number(value.toPrecision(5)));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
