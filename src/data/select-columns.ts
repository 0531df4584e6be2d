import { didYouMean } from "../core/index.ts";
import { DataError } from "./errors.ts";
import type { DataSettings } from "./schema.ts";

export type ColumnRole = "target" | "observable" | "control" | "conditional";

export interface ColumnChoice {
  readonly name: string;
  /** Position in the file's header. */
  readonly index: number;
  readonly role: ColumnRole;
  /** Named in the settings; the others are targets only if they turn out numeric. */
  readonly named: boolean;
}

export interface ColumnSelection {
  /** Position of the time column, or null. */
  readonly time: number | null;
  /** In channel order: targets, observable, control, conditional. */
  readonly columns: readonly ColumnChoice[];
}

type RoleSettings = Pick<
  DataSettings,
  "time_column" | "target_columns" | "observable_columns" | "control_columns" | "conditional_columns"
>;

/**
 * Which of a file's columns are used, and as what.
 *
 * @throws {DataError} DATA_NO_COLUMN, DATA_COLUMN_TWICE
 */
export function selectColumns(
  header: readonly string[],
  settings: RoleSettings,
  file: string,
): ColumnSelection {
  const find = (name: string, key: string): number => indexOf(header, name, key, file);
  const time = settings.time_column === null ? null : find(settings.time_column, "data.time_column");
  const choose = (names: readonly string[], role: ColumnRole): ColumnChoice[] =>
    names.map((name) => ({ name, index: find(name, `data.${role}_columns`), role, named: true }));

  const others = [
    ...choose(settings.observable_columns, "observable"),
    ...choose(settings.control_columns, "control"),
    ...choose(settings.conditional_columns, "conditional"),
  ];
  const taken = new Set([...others.map((column) => column.index), ...(time === null ? [] : [time])]);
  const targets =
    settings.target_columns === null ? freeColumns(header, taken) : choose(settings.target_columns, "target");
  const columns = [...targets, ...others];
  refuseDoubles(columns, settings.time_column, file);
  return { time, columns };
}

/** Columns without a role; one without a name is the row index that pandas writes, and left out. */
function freeColumns(header: readonly string[], taken: ReadonlySet<number>): ColumnChoice[] {
  return header
    .map((name, index): ColumnChoice => ({ name, index, role: "target", named: false }))
    .filter(({ name, index }) => name !== "" && !taken.has(index));
}

function indexOf(header: readonly string[], name: string, key: string, file: string): number {
  const index = header.indexOf(name);
  if (index < 0) {
    const offer = `the file has: ${header.join(", ")}`;
    const guess = didYouMean(name, header);
    throw new DataError("DATA_NO_COLUMN", `no column '${name}'`, {
      where: `${key}, in ${file}:1`,
      fix: guess === undefined ? offer : `${guess} ${offer}`,
    });
  }
  if (header.lastIndexOf(name) !== index) throw twice(`the header has two columns '${name}'`, `${file}:1`);
  return index;
}

function refuseDoubles(columns: readonly ColumnChoice[], time: string | null, file: string): void {
  const seen = new Set(time === null ? [] : [time]);
  for (const { name, role } of columns) {
    if (seen.has(name))
      throw twice(`column '${name}' stands there twice`, `data.${role}_columns, in ${file}:1`);
    seen.add(name);
  }
}

function twice(what: string, where: string): DataError {
  return new DataError("DATA_COLUMN_TWICE", what, { where, fix: "give each column one name and one role" });
}
