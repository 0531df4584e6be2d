// The in-process part of `bench compose`: prints one JSON line with times in milliseconds, as the baseline's loop takes them.
import { compose } from "../../src/config/index.ts";
import type { Node } from "../../src/config/index.ts";
import { peakMemory } from "./peak-memory.ts";

const configDir = process.argv[2] ?? "";
const overrides = JSON.parse(process.argv[3] ?? "[]") as string[];
const rounds = Number(process.argv[4]);

const fresh: number[] = [];
const again: number[] = [];
const resolve: number[] = [];
let leaves = 0;
for (let round = 0; round < rounds; round++) {
  fresh.push(timed(() => composed()));
  again.push(timed(() => composed()));
  again.push(timed(() => composed()));
  const composition = composed();
  resolve.push(timed(() => composition.resolved()));
  leaves = countLeaves(composition.resolved().config);
}
process.stdout.write(`${JSON.stringify({ fresh, again, resolve, leaves, rss_mb: peakMemory() })}\n`);

function composed() {
  return compose({ configDir, configName: "config", overrides });
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
