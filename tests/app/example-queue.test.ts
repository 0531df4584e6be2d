import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { app } from "../../examples/queue/queue.ts";

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "ttm-queue-"));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe("examples/queue", () => {
  it("counts the minutes that people wait, and its callback logs them", async () => {
    // One comes each 2 minutes and takes 3: they wait 0, 1, 2 and 3 minutes.
    const words = ["arrivals=timetable", "arrivals.minutes=2", "customers=4", "hydra.run.dir=fixed"];
    const outcome = await app.run(words, { host: { cwd } });
    expect(outcome).toMatchObject({ status: "completed", result: { mean_wait: 1.5, longest_wait: 3 } });
    expect(readFileSync(join(cwd, "fixed/queue.log"), "utf8")).toContain('"longest_wait": 3');
  });

  it("sweeps over laws; a law may be built from others", async () => {
    const table: string[] = [];
    const words = ["-m", "service=steady,varied", "seed=range(2)"];
    expect(await app.main(words, { cwd, stderr: (text) => table.push(text) })).toBe(0);
    expect(table.join("")).toMatch(/# {2}service +seed +status +mean_wait +longest_wait\n/);
  });

  it("builds nothing that is not registered", async () => {
    const faults: string[] = [];
    const words = ["service._target_=child_process.exec"];
    expect(await app.main(words, { cwd, stderr: (text) => faults.push(text) })).toBe(1);
    expect(faults.join("")).toContain("CONFIG_UNKNOWN_TARGET");
  });
});
