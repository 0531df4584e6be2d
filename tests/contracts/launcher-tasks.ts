import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { entry, nodeValue } from "../../src/config/index.ts";
import type { JobContext, JobResult } from "../../src/launch/index.ts";

/** What the jobs of the launchers' contract do, by the name in their config's `task`: they may run in any process. */
const tasks: Readonly<Record<string, (context: JobContext) => Promise<JobResult> | JobResult>> = {
  loss: () => ({ loss: 0.5 }),
  notNumbers: () => ({ loss: Number.NaN, worst: Number.NEGATIVE_INFINITY }),
  fail: () => {
    throw new Error("asked to fail");
  },
  yaml: ({ configYaml, id, num, overrides, sweep, outputDir }) => ({
    configYaml,
    id,
    num,
    overrides,
    params: sweep?.params,
    outputDir,
  }),
  /** Waits until it is told to stop. */
  wait: async ({ signal, outputDir }) => {
    appendFileSync(join(outputDir, "waiting"), "");
    await wait(60_000, undefined, { signal });
    return 1;
  },
  /** Counts up until the sweep has seen enough. */
  report: async ({ report }) => {
    for (let step = 1; step <= 100; step++) {
      if ((await report(10 / step, step)) === "stop") return step;
      // On another machine the answer takes a moment.
      await wait(30);
    }
    return 100;
  },
  print: ({ print }) => {
    print("printed\n");
    console.log("logged");
    return 1;
  },
  /** Dies without a word, the first time. */
  die: ({ attempt }) => {
    if (attempt === 1) process.kill(process.pid, "SIGKILL");
    return attempt;
  },
};

/** Runs the task that the job's config names. */
export function contractTask(context: JobContext): Promise<JobResult> | JobResult {
  const node = entry(context.composition.config, "task");
  const task = tasks[node === undefined ? "" : String(nodeValue(node))];
  if (task === undefined) throw new TypeError("no such task");
  return task(context);
}
