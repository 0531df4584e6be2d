import { existsSync, readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { syncRemotes } from "../../src/tracking/index.ts";
import { bundleTracking, lastReturned, runModule, trainingText } from "../tracking/killed-process.ts";
import { type DumpedRun, dump, MlflowServer, whyNoServer } from "./mlflow-server.ts";

if (whyNoServer !== undefined) process.stderr.write(`skipped: ${whyNoServer}\n`);

/** TTM_KILLS=100 for the figures in docs/tracking.md. */
const KILLS = Number(process.env["TTM_KILLS"] ?? 20);
/** A process is killed at any moment between its start and this. */
const LATEST_MILLISECONDS = 2_500;
const SYNC_LATEST_MILLISECONDS = 900;

/** The journal's points, read here without the code under test: [step, time, value] by name. */
function journalPoints(path: string): DumpedRun["metrics"] {
  const byName: DumpedRun["metrics"] = {};
  for (const line of readFileSync(path, "utf8").split("\n").slice(0, -1)) {
    const { record } = JSON.parse(line);
    if (record.type !== "metrics") continue;
    for (const [name, value] of Object.entries(record.values)) {
      byName[name] ??= [];
      byName[name].push([record.step, record.time, value as number | string]);
    }
  }
  return byName;
}

describe.skipIf(whyNoServer !== undefined)("kill -9, then ttm sync, against a real server", () => {
  const server = new MlflowServer("ttm-kill", []);
  let tracking: string;
  beforeAll(async () => {
    tracking = await bundleTracking();
    await server.start();
  });
  afterAll(() => server.wipe());

  it(
    `at ${KILLS} random moments, half of them in a sync: nothing recorded is lost or doubled, and no run says FINISHED`,
    async () => {
      const random = Random.fromSeed(6);
      const runs: { runDir: string; returned: number }[] = [];
      // A process that died before its run began has recorded nothing: it does not count.
      while (runs.length < KILLS) {
        const runDir = await mkdtemp(join(tmpdir(), "ttm-killed-"));
        const output = join(runDir, "returned.txt");
        const tracker = `new CompositeTracker([new SimpleExperimentTracker(), new MLflowExperimentTracker(${JSON.stringify(server.uri)}, { env: {} })])`;
        await runModule(tracking, trainingText(tracker, runDir, "killed"), output).killAfter(
          random.uniform() * LATEST_MILLISECONDS,
        );
        const returned = lastReturned(output);
        const journal = join(runDir, "journal.jsonl");
        const hasJournal = existsSync(journal) && readFileSync(journal, "utf8").includes('"type":"start"');
        if (!hasJournal) expect(returned).toBe(-1);
        if (!hasJournal) continue;
        runs.push({ runDir, returned });
        if (runs.length % 2 === 1) {
          const text = `await tracking.syncRemotes(${JSON.stringify(runDir)}, { uri: ${JSON.stringify(server.uri)} });`;
          await runModule(tracking, text, output).killAfter(random.uniform() * SYNC_LATEST_MILLISECONDS);
        }
      }
      for (const { runDir } of runs)
        for (const report of await syncRemotes(runDir, { uri: server.uri, onWarning: () => undefined }))
          expect(report).toMatchObject({ pending: 0, refused: 0 });
      const dumped = new Map(
        (await dump(server.uri, "killed")).map((run) => [run.tags["ttm.clientRunId"], run] as const),
      );
      expect(dumped.size).toBe(new Set([...dumped.values()].map(({ id }) => id)).size);
      let points = 0;
      for (const { runDir, returned } of runs) {
        const summary = JSON.parse(readFileSync(join(runDir, "run_summary.json"), "utf8"));
        const run = dumped.get(summary.run_id);
        const kept = journalPoints(join(runDir, "journal.jsonl"));
        expect(kept["a"]?.length ?? 0).toBeGreaterThanOrEqual(returned + 1);
        expect(run?.metrics ?? {}).toEqual(kept);
        expect(run?.status).toMatch(/^(KILLED|FAILED)$/);
        points += (kept["a"]?.length ?? 0) + (kept["b"]?.length ?? 0);
      }
      process.stderr.write(
        `${runs.length} runs killed after their start, ${points} points, none lost, none doubled\n`,
      );
    },
    30 * 60_000,
  );
});
