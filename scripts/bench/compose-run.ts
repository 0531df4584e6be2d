// The in-process part of `bench compose`: prints one JSON line with times in milliseconds, as the baseline's loop takes them.

import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { Node } from "../../src/config/index.ts";
import { compose, parseOverride, parseOverrides } from "../../src/config/index.ts";
import { peakMemory } from "./peak-memory.ts";

const configDir = process.argv[2] ?? "";
const overrides = JSON.parse(process.argv[3] ?? "[]") as string[];
const rounds = Number(process.argv[4]);

const others = parseOverrides(["training.lora_rank=4"]);
const SWEEP_JOBS = 64;

const fresh: number[] = [];
const again: number[] = [];
const resolve: number[] = [];
let leaves = 0;
for (let round = 0; round < rounds; round++) {
  touchFiles(round); // so that `fresh` reads and parses every file, as a new session of the peer does
  fresh.push(timed(() => composed()));
  again.push(timed(() => composed()));
  again.push(timed(() => composed()));
  const composition = composed();
  resolve.push(timed(() => composition.resolved()));
  leaves = countLeaves(composition.resolved().config);
}
const sweep_job = Array.from({ length: SWEEP_JOBS }, (_, num) => timed(() => composedJob(num))).slice(1);
process.stdout.write(
  `${JSON.stringify({ fresh, again, resolve, sweep_job, leaves, rss_mb: peakMemory() })}\n`,
);

function composed() {
  return compose({ configDir, configName: "config", overrides });
}

/** As the sweeper has them: typed overrides, parsed once. */
function composedJob(num: number) {
  const swept = parseOverride(`training.learning_rate=${num + 1}e-5`, 0);
  return compose({
    configDir,
    configName: "config",
    overrides: [swept, ...others],
    mode: "MULTIRUN",
    job: { num, id: String(num) },
  });
}

/** Gives every file another time of change: what the composer keeps of it counts no more. */
function touchFiles(seconds: number): void {
  for (const entry of readdirSync(configDir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), seconds, seconds);
  }
}

function timed(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function countLeaves(node: Node): number {
  if (node.kind === "scalar") return 1;
  const items = node.kind === "list" ? node.items : [...node.entries.values()];
  return items.reduce((sum, item) => sum + countLeaves(item), 0);
}
