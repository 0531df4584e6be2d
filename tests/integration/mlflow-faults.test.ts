import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CompositeTracker,
  MLflowExperimentTracker,
  SimpleExperimentTracker,
} from "../../src/tracking/index.ts";
import { type DumpedRun, dump, MlflowServer, startFaultProxy, whyNoServer } from "./mlflow-server.ts";

if (whyNoServer !== undefined) process.stderr.write(`skipped: ${whyNoServer}\n`);

/** TTM_FAULT_STEPS=20000 for the figures in docs/tracking.md. */
const STEPS = Number(process.env["TTM_FAULT_STEPS"] ?? 4_000);
const NAMES = ["train_loss", "val_loss", "learning_rate", "grad_norm", "tokens/s"];
/** What a call may cost training, but for what the machine itself takes away. */
const CALL_MILLISECONDS = 5;
const quiet = { onWarning: () => undefined };

/** Every fault of the proxy, one after the other, over the time that the training takes. */
const RULES = [
  { name: "lost create", fault: "reset-after", path: "runs/create", count: 1 },
  { name: "down for 60 s", fault: "refuse", at: 8, for: 60 },
  { name: "login lost", fault: "status", status: 401, at: 72, for: 4 },
  { name: "login page", fault: "html", at: 77, for: 2, count: 3 },
  { name: "hangs", fault: "hang", path: "log-batch", at: 82, for: 3, count: 1, release: 4 },
  { name: "reset after the commit", fault: "reset-after", path: "log-batch", every: 11 },
  { name: "503 after the commit", fault: "status", status: 503, forward: true, path: "log-batch", every: 13 },
  { name: "reset before", fault: "reset-before", path: "log-batch", every: 17 },
  // The proxy itself dies of this one where the connection is gone already, which a busy machine may bring about.
  ...(process.env["TTM_FAULT_STEPS"] === undefined
    ? []
    : [{ name: "reset in the body", fault: "reset-mid", path: "log-batch", every: 19 }]),
  { name: "cut answer", fault: "truncate", path: "log-batch", every: 21 },
  { name: "half the JSON", fault: "bad-json", path: "log-batch", every: 22 },
  { name: "answer never sent", fault: "hang-after", path: "log-batch", after: 20, count: 1 },
  { name: "500", fault: "status", status: 500, path: "log-batch", every: 23 },
  { name: "too large", fault: "status", status: 413, path: "log-batch", after: 10, count: 2 },
  { name: "empty", fault: "empty", path: "log-batch", every: 29 },
  { name: "throttled", fault: "status", status: 429, retry_after: 1, every: 31 },
  { name: "slow body", fault: "slow-body", bytes: 4000, delay: 20, every: 37 },
  { name: "slow", fault: "slow", delay: 400, every: 41 },
  { name: "closed after", fault: "close-after", every: 43 },
];

describe.skipIf(whyNoServer !== undefined)("a line that breaks in every way of the proxy", () => {
  const server = new MlflowServer("ttm-faults", []);
  beforeAll(() => server.start());
  afterAll(() => server.wipe());

  it(
    `5 metrics × ${STEPS} steps: none lost, none doubled, and training waits for nobody`,
    async () => {
      const proxy = await startFaultProxy(server.uri, RULES);
      const runDir = await mkdtemp(join(tmpdir(), "ttm-faults-"));
      const slow: number[] = [];
      let counts: Record<string, unknown> = {};
      try {
        const mlflow = new MLflowExperimentTracker(proxy.uri, {
          ...quiet,
          deadlineSeconds: 900,
          env: { MLFLOW_HTTP_REQUEST_TIMEOUT: "15" },
        });
        const tracker = new CompositeTracker([new SimpleExperimentTracker(quiet), mlflow], quiet);
        await tracker.startExperiment({ experimentName: "all-faults", runDir });
        await tracker.logParams({ steps: STEPS });
        for (let step = 0; step < STEPS; step++) {
          const values = NAMES.map((name, at) => [name, step % 97 === at ? Number.NaN : step / (at + 3)]);
          const metrics = Object.fromEntries(values);
          const before = performance.now();
          tracker.logMetrics(metrics, { step });
          const took = performance.now() - before;
          if (took > CALL_MILLISECONDS) slow.push(took);
          if (step % 20 === 0) await wait(90_000 / (STEPS / 20));
        }
        await tracker.endExperiment({ status: "completed" });
        counts = await proxy.counts();
      } finally {
        await proxy.stop();
      }
      const [run, ...others] = await dump(server.uri, "all-faults");
      expect(others).toEqual([]);
      expect(run?.status).toBe("FINISHED");
      expect(run?.metrics).toEqual(await journalPoints(runDir));
      process.stderr.write(
        `${JSON.stringify(counts)}\ncalls above ${CALL_MILLISECONDS} ms: ${JSON.stringify(slow)}\n`,
      );
      // A machine that is busy takes the processor away from any program now and then.
      expect(slow.length).toBeLessThan(Math.max(4, STEPS / 2_000));
    },
    20 * 60_000,
  );
});

/** The journal's points in the form of the dump, read without the code under test. */
async function journalPoints(runDir: string): Promise<DumpedRun["metrics"]> {
  const byName: DumpedRun["metrics"] = {};
  for (const line of (await readFile(join(runDir, "journal.jsonl"), "utf8")).split("\n").slice(0, -1)) {
    const { record } = JSON.parse(line);
    if (record.type !== "metrics") continue;
    for (const [name, value] of Object.entries(record.values)) {
      byName[name] ??= [];
      byName[name].push([record.step, record.time, value as number | string]);
    }
  }
  return Object.fromEntries(Object.entries(byName).sort(([a], [b]) => (a < b ? -1 : 1)));
}
