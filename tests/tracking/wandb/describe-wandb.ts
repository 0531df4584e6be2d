import { readWandbFile } from "../../../src/tracking/wandb/read-wandb-file.ts";

interface Item {
  readonly key: string;
  readonly nestedKey: readonly string[];
  readonly valueJson: string;
}

/** What stands in a `.wandb` file, in the words in which wandb's own reader tells it. */
export interface DescribedWandb {
  readonly run: Record<string, unknown> | null;
  readonly config: Record<string, unknown>;
  readonly history: { readonly step: number; readonly items: Record<string, unknown> }[];
  readonly summary: Record<string, unknown>;
  readonly files: { path: string; policy: string; type: string }[];
  readonly artifacts: Record<string, unknown>[];
  readonly exit: { exit_code: number } | null;
  readonly records: Record<string, number>;
  readonly corruption: { offset: number }[];
}

const POLICIES = ["NOW", "END", "LIVE"];
const TYPES = ["OTHER", "WANDB", "MEDIA", "ARTIFACT"];

export async function describeWandb(path: string): Promise<DescribedWandb> {
  const out = {
    run: null as Record<string, unknown> | null,
    config: {} as Record<string, unknown>,
    history: [] as { step: number; items: Record<string, unknown> }[],
    summary: {} as Record<string, unknown>,
    files: [] as { path: string; policy: string; type: string }[],
    artifacts: [] as Record<string, unknown>[],
    exit: null as { exit_code: number } | null,
    records: {} as Record<string, number>,
    corruption: [] as { offset: number }[],
  };
  const onDamage = (offset: number) => out.corruption.push({ offset });
  for await (const { record } of readWandbFile(path, { onDamage })) {
    const { recordType: it } = record;
    const kind = it.case === "outputRaw" ? "output_raw" : (it.case ?? "empty");
    out.records[kind] = (out.records[kind] ?? 0) + 1;
    if (it.case === "run") {
      const { entity, project, runId, displayName, runGroup, jobType, notes, tags, config } = it.value;
      const told = {
        run_id: runId,
        entity,
        project,
        display_name: displayName,
        run_group: runGroup,
        job_type: jobType,
        notes,
      };
      out.run = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== ""));
      if (tags.length > 0) out.run["tags"] = tags;
      putAll(out.config, config?.update ?? []);
    }
    if (it.case === "config") putAll(out.config, it.value.update);
    if (it.case === "summary") putAll(out.summary, it.value.update);
    if (it.case === "history") {
      const items: Record<string, unknown> = {};
      putAll(items, it.value.item);
      out.history.push({ step: Number(it.value.step?.num), items });
    }
    if (it.case === "files")
      for (const { path: name, policy, type } of it.value.files)
        out.files.push({ path: name, policy: POLICIES[policy] ?? "?", type: TYPES[type] ?? "?" });
    if (it.case === "artifact") {
      const { name, type, digest, aliases, finalize, manifest } = it.value;
      const entries = (manifest?.contents ?? []).map(({ path: file, digest: sum, size }) => ({
        path: file,
        digest: sum,
        size: Number(size),
      }));
      out.artifacts.push({ name, type, digest, aliases: [...aliases].sort(), finalize, entries });
    }
    if (it.case === "exit") out.exit = { exit_code: it.value.exitCode };
  }
  return out;
}

/** Without what differs from one run to the next: times, the machine, the program. */
export function stable(told: DescribedWandb): DescribedWandb {
  const untimed = (items: Record<string, unknown>) => without(items, ["_runtime", "_timestamp", "_wandb"]);
  return {
    ...told,
    run: told.run === null ? null : without(told.run, ["start_time", "host", "git", "telemetry"]),
    config: without(told.config, ["_wandb"]),
    history: told.history.map(({ step, items }) => ({ step, items: untimed(items) })),
    summary: untimed(told.summary),
    records: without(told.records, ["telemetry", "stats", "environment"]) as Record<string, number>,
    exit: told.exit === null ? null : { exit_code: told.exit.exit_code },
    corruption: told.corruption.map(({ offset }) => ({ offset })),
  };
}

function without(map: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

function putAll(tree: Record<string, unknown>, items: readonly Item[]): void {
  for (const { key, nestedKey, valueJson } of items) {
    const path = nestedKey.length > 0 ? nestedKey : [key];
    let at = tree;
    for (const part of path.slice(0, -1)) {
      at[part] ??= {};
      if (typeof at[part] !== "object") break;
      at = at[part] as Record<string, unknown>;
    }
    at[path.at(-1) ?? ""] = parseBare(valueJson);
  }
}

/** JSON with bare NaN and infinities, which become text. */
function parseBare(json: string): unknown {
  const value: unknown = JSON.parse(/^-?(NaN|Infinity)$/.test(json) ? `"${json}"` : json);
  return value === 0 ? 0 : value;
}
