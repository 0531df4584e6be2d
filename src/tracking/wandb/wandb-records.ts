import { hostname } from "node:os";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { StartRecord, SystemRecord } from "../journal/journal-record.ts";
import type { JsonValue } from "../json-value.ts";
import type { RecordSchema } from "./generated/wandb_pb.js";
import { type RowItem, secondsSince } from "./run-row.ts";
import { configJson, metricJson } from "./value-json.ts";
import { projectName, type WandbSettings } from "./wandb-settings.ts";

/** A record's content, before it has its number. */
export type RecordContent = NonNullable<MessageInitShape<typeof RecordSchema>["recordType"]>;

/** The oldest wandb that reads what this project writes, as wandb 0.31.0 says of its own files. */
const MIN_CONSUMER = "0.70.0";
const PRODUCER = "ttm-tracking/1";
/** Characters that W&B keeps of a run's tag. */
const TAG_AT_MOST = 64;

export function headerRecord(): RecordContent {
  return {
    case: "header",
    value: { versionInfo: { producer: PRODUCER, minConsumer: MIN_CONSUMER } },
  };
}

export interface RunDescription {
  readonly start: StartRecord;
  readonly settings: WandbSettings;
  readonly config: Readonly<Record<string, JsonValue>>;
  readonly tags: Readonly<Record<string, string>>;
  /** When this file's part of the run began. */
  readonly time: number;
}

/** The run itself, with the config that was given at its start. */
export function runRecord({ start, settings, config, tags, time }: RunDescription): RecordContent {
  const { entity = "", jobType = "", notes = "" } = settings;
  const commit = start.context.git_commit;
  return {
    case: "run",
    value: {
      runId: start.run_id,
      entity,
      project: projectName(settings.project ?? start.experiment),
      config: { update: [{ key: "_wandb", valueJson: "{}" }, ...configItems(config, tags)] },
      runGroup: settings.group ?? start.parent_run_id ?? "",
      jobType,
      displayName: settings.name ?? start.run_name ?? "",
      notes,
      tags: [...(settings.tags ?? []), ...Object.entries(tags).map(tagText)],
      host: hostname(),
      startTime: timestampFromMs(time),
      ...(commit === undefined ? {} : { git: { commit } }),
    },
  };
}

function tagText([key, value]: [string, string]): string {
  return [...(value === "" ? key : `${key}:${value}`)].slice(0, TAG_AT_MOST).join("");
}

export function telemetryRecord(): RecordContent {
  return {
    case: "telemetry",
    value: { cliVersion: PRODUCER, platform: `${process.platform}-${process.arch}` },
  };
}

/** Params, one item for each top-level key; tags with a value stand under `tags`. */
export function configRecord(
  config: Readonly<Record<string, JsonValue>>,
  tags: Readonly<Record<string, string>> = {},
): RecordContent {
  return { case: "config", value: { update: configItems(config, tags) } };
}

function configItems(
  config: Readonly<Record<string, JsonValue>>,
  tags: Readonly<Record<string, string>>,
): { key: string; valueJson: string }[] {
  const items = Object.entries(config).map(([key, value]) => ({ key, valueJson: configJson(value) }));
  return Object.keys(tags).length === 0
    ? items
    : [...items, { key: "tags", valueJson: JSON.stringify(tags) }];
}

/** How long the run has gone on, as wandb writes it beside each row. */
export function runtimeRecord(startTime: number, time: number): RecordContent {
  const valueJson = String(Math.floor(secondsSince(startTime, time)));
  const update = [
    { nestedKey: ["_wandb", "runtime"], valueJson },
    { key: "_runtime", valueJson },
  ];
  return { case: "summary", value: { update } };
}

export function summaryRecord(items: readonly RowItem[]): RecordContent {
  return { case: "summary", value: { update: items.map(nestedItem) } };
}

export function historyRecord(items: readonly RowItem[], step: number): RecordContent {
  return { case: "history", value: { item: items.map(nestedItem), step: { num: BigInt(step) } } };
}

function nestedItem({ path, json }: RowItem): { nestedKey: string[]; valueJson: string } {
  return { nestedKey: [...path], valueJson: json };
}

/** Where W&B's page of system metrics looks for what MLflow calls otherwise. */
const STATS_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^cpu_utilization_percentage$/, "cpu"],
  [/^system_memory_usage_percentage$/, "memory_percent"],
  [/^process_memory_usage_megabytes$/, "proc.memory.rssMB"],
  [/^process_cpu_utilization_percentage$/, "proc.cpu.percent"],
  [/^disk_usage_percentage$/, "disk./.usagePercent"],
  [/^gpu_(\d+)_utilization_percentage$/, "gpu.$1.gpu"],
  [/^gpu_(\d+)_memory_usage_percentage$/, "gpu.$1.memoryAllocated"],
  [/^gpu_(\d+)_power_usage_watts$/, "gpu.$1.powerWatts"],
];

export function statsRecord({ time, values }: SystemRecord): RecordContent {
  const item = Object.entries(values).map(([name, value]) => {
    const row = STATS_NAMES.find(([pattern]) => pattern.test(name));
    return { key: row === undefined ? name : name.replace(row[0], row[1]), valueJson: metricJson(value) };
  });
  return { case: "stats", value: { timestamp: timestampFromMs(time), item } };
}

export function exitRecord(exitCode: number, seconds: number): RecordContent {
  return { case: "exit", value: { exitCode, runtime: Math.floor(seconds) } };
}
