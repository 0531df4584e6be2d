import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { PlainValue } from "../config/index.ts";
import { loadYaml, nodeValue, parseOverrides, pythonStr } from "../config/index.ts";
import type { JobOutcome, JobReport } from "../launch/index.ts";
import { readSweepLog } from "../launch/index.ts";
import type { SweepRequest } from "../sweep/index.ts";
import { exportOptunaJournal } from "../sweep/index.ts";

/**
 * A sweep's folder as a journal of Optuna's; the study is called as `hydra.sweeper.study_name` says, else as the folder. What was
 * asked for stands in its `multirun.yaml`.
 */
export function optunaExport(dir: string, outcomes: readonly JobOutcome[]): string {
  const file = join(dir, "multirun.yaml");
  const hydra = part(nodeValue(loadYaml(readFileSync(file, "utf8"), file)), "hydra");
  const settings = fields(part(hydra, "sweeper"));
  const words = part(part(hydra, "overrides"), "task");
  const request: SweepRequest = {
    overrides: parseOverrides(Array.isArray(words) ? words.map(pythonStr) : []),
    settings,
    groupOptions: (group) => optionsTaken(group, outcomes),
  };
  const reports = reportsOf(dir);
  const named = settings.get("study_name") ?? null;
  return exportOptunaJournal({
    name: named === null ? basename(dir) : pythonStr(named),
    request,
    outcomes: outcomes.map((outcome) => ({ ...outcome, reports: reports.get(outcome.num ?? 0) ?? [] })),
  });
}

/** Of a glob the options that jobs had: the group itself may be somewhere else today. */
function optionsTaken(group: string, outcomes: readonly JobOutcome[]): string[] {
  return [...new Set(outcomes.flatMap(({ params }) => params[group] ?? []))].sort();
}

function reportsOf(dir: string): ReadonlyMap<number, readonly JobReport[]> {
  const reports = new Map<number, JobReport[]>();
  for (const event of readSweepLog(dir).events) {
    if (event.event !== "report") continue;
    const { num, step, value } = event;
    reports.set(num, [...(reports.get(num) ?? []), { step, value: Number(value) }]);
  }
  return reports;
}

function part(value: PlainValue, key: string): PlainValue {
  return fields(value).get(key) ?? null;
}

function fields(value: PlainValue): ReadonlyMap<string, PlainValue> {
  const entries = value instanceof Map ? [...value] : [];
  return new Map(entries.map(([key, item]): [string, PlainValue] => [pythonStr(key), item]));
}
