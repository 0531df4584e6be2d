import { flattenParams, paramText } from "../../../src/tracking/flatten-params.ts";
import type { KeptRun } from "../../contracts/tracker.ts";
import { type DescribedWandb, describeWandb } from "./describe-wandb.ts";
import { wandbFiles } from "./wandb-files.ts";

/** What stands beside the metrics of a row. */
const OWN = ["_step", "_timestamp", "_runtime", "epoch", "ttm/step"];
const STATUS: Record<number, string> = { 0: "completed", 1: "failed", 255: "killed" };

/** A run as its newest `.wandb` file tells it. */
export async function readWandbRun(runDir: string): Promise<KeptRun> {
  return keptOf(await describeWandb(wandbFiles(runDir).at(-1) ?? ""));
}

function keptOf({ run, config, history, files, artifacts, exit }: DescribedWandb): KeptRun {
  const { _wandb, tags, error, ...params } = config;
  return {
    experiment: String(run?.["project"]),
    status: STATUS[exit?.exit_code ?? -1] ?? "running",
    params: Object.fromEntries(
      Object.entries(flattenParams(params)).map(([key, value]) => [key, paramText(value)]),
    ),
    tags: (tags ?? {}) as Record<string, string>,
    points: history.flatMap(({ items }) =>
      Object.entries(items)
        .filter(([name]) => !OWN.includes(name))
        .map(([name, value]) => ({
          name,
          value: value as number | string,
          step: Number(items["ttm/step"] ?? items["_step"]),
          time: Math.round(1_000 * Number(items["_timestamp"])),
        })),
    ),
    artifacts: [
      ...files.map(({ path }) => path),
      ...artifacts.flatMap(({ entries }) => (entries as { path: string }[]).map(({ path }) => path)),
    ],
  };
}
