import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { StartedSweep, SweepSummary } from "../../src/app/index.ts";
import { select } from "../../src/config/index.ts";
import type { Fixture, FixtureTask } from "./app-fixture.ts";
import { fixture } from "./app-fixture.ts";

let app: Fixture;
afterEach(() => app.remove());

function start(task: FixtureTask) {
  const seen: { started: StartedSweep[]; ended: (SweepSummary | undefined)[] } = { started: [], ended: [] };
  app = fixture(task, {
    async aroundSweep(sweep: StartedSweep) {
      seen.started.push(sweep);
      return {
        end: async (summary: SweepSummary | undefined) => {
          seen.ended.push(summary);
        },
      };
    },
  } as never);
  return seen;
}

describe("AppOptions.aroundSweep", () => {
  it("is told of the sweep before its first job, and of its end", async () => {
    const seen = start(({ seed }) => {
      expect(seen.started).toHaveLength(1);
      return seed;
    });
    expect((await app.run(["-m", "seed=1,2"])).exit).toBe(0);
    const [sweep] = seen.started;
    expect(sweep).toMatchObject({ overrides: ["seed=1,2"], count: 2 });
    expect(existsSync(join(sweep?.dir ?? "", "sweep.json"))).toBe(true);
    expect(sweep && select(sweep.first, "seed")).toMatchObject({ value: 1n });
    expect(seen.ended).toMatchObject([{ status: "completed", jobs: [{ result: 1 }, { result: 2 }] }]);
  });

  it("is not called where a config is wrong, nor for a single run", async () => {
    const seen = start(() => 1);
    await app.run(["-m", "seed=1,x"]);
    await app.run([]);
    expect(seen.started).toEqual([]);
  });
});
