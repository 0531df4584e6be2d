import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replayAdapter } from "../../scripts/goldens/adapter.ts";
import type { ReplayResult } from "../../scripts/goldens/case.ts";
import { replayCurve } from "../../scripts/goldens/curve.ts";
import { replayForward } from "../../scripts/goldens/forward.ts";
import { replayGradients } from "../../scripts/goldens/gradients.ts";

const replays: Readonly<Record<string, (folder: string) => Promise<ReplayResult>>> = {
  adapter: replayAdapter,
  curve: replayCurve,
  forward: replayForward,
  gradients: replayGradients,
};

interface CaseHead {
  readonly kind: string;
  readonly family?: string;
  readonly optional?: boolean;
}

/** Cases of the kinds that train or run a TinyTimeMixer, by name. */
export function listCases(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((id) => existsSync(join(root, id, "case.json")))
    .filter((id) => {
      const head = headOf(join(root, id));
      return head.family === "ttm" && head.kind in replays;
    })
    .sort();
}

export function headOf(folder: string): CaseHead {
  return JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
}

/** Replays a case by its kind. */
export function replayFolder(folder: string): Promise<ReplayResult> {
  const { kind } = headOf(folder);
  const run = replays[kind];
  if (!run) throw new Error(`no replay for the kind '${kind}'`);
  return run(folder);
}
