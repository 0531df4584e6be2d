import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReplayResult } from "./case.ts";
import { ashaCases, replayAsha } from "./sweep-asha.ts";
import { replaySobol } from "./sweep-sobol.ts";

/** A case of a file of exact answers for the sweepers. */
export interface SweepReplay extends ReplayResult {
  readonly id: string;
}

/** Files of exact answers in a folder: JSON that holds Sobol points, or studies with reports. */
export function sweepFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(folder, name))
    .sort();
}

/** Replays one file; nothing for JSON of another form. */
export function replaySweepFile(path: string): SweepReplay[] {
  const content: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (typeof content !== "object" || content === null) return [];
  if ("numerators_over_64" in content) return replaySobol(content);
  return isStudies(content) ? ashaCases(content).flatMap(replayAsha) : [];
}

/** Whether the cases are studies: each with the values that its trials report. */
function isStudies(content: object): boolean {
  const { cases } = content as { readonly cases?: unknown };
  return (
    Array.isArray(cases) && cases.every((item) => typeof item === "object" && item !== null && "eta" in item)
  );
}
