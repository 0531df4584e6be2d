import { resolve } from "node:path";
import type { JobOutcome } from "../launch/index.ts";
import { writeText } from "../launch/index.ts";
import { optunaExport } from "./optuna-export.ts";
import { readSweepState, type SweepState } from "./sweep-state.ts";
import { type SweepVerb, sweepUsage } from "./sweep-verb.ts";

type Export = (state: SweepState, dir: string) => string;

/** One row for each form. */
const forms: Readonly<Record<string, Export>> = {
  "--csv": ({ outcomes }) => csvText(outcomes),
  "--optuna": ({ outcomes }, dir) => optunaExport(dir, outcomes),
};

/** `sweep export DIR --csv FILE`: the jobs that ended, for other programs. */
export const sweepExportVerb: SweepVerb = {
  usage: `export DIR ${Object.keys(forms)
    .map((flag) => `[${flag} FILE]`)
    .join(" ")}`,
  async run(app, dir, words) {
    const [flag = "", file, ...rest] = words;
    const form = Object.hasOwn(forms, flag) ? forms[flag] : undefined;
    if (form === undefined || file === undefined || rest.length > 0)
      throw sweepUsage(app, sweepExportVerb, ["export", dir, ...words]);
    const state = readSweepState(dir);
    writeText(resolve(app.host.cwd, file), form(state, dir));
    app.host.stderr(`${state.outcomes.length} jobs written to ${file}\n`);
    return 0;
  },
};

/** A row a job: number, status, the swept keys, then what the task returned (RFC 4180). */
function csvText(outcomes: readonly JobOutcome[]): string {
  const sorted = outcomes.toSorted((a, b) => (a.num ?? 0) - (b.num ?? 0));
  const params = namesIn(sorted.map((outcome) => outcome.params));
  const results = namesIn(sorted.map(resultFields));
  const rows = sorted.map((outcome) => {
    const fields = resultFields(outcome);
    return [
      String(outcome.num),
      outcome.status,
      ...params.map((name) => outcome.params[name] ?? ""),
      ...results.map((name) => String(fields[name] ?? "")),
    ];
  });
  const lines = [["num", "status", ...params, ...results], ...rows];
  return lines.map((line) => `${line.map(quoted).join(",")}\r\n`).join("");
}

function resultFields({ result }: JobOutcome): Readonly<Record<string, unknown>> {
  if (result === undefined) return {};
  if (typeof result === "number") return { result };
  return Object.fromEntries(Object.entries(result).filter(([, value]) => typeof value !== "object"));
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function namesIn(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}
