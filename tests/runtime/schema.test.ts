import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { runtimeSchema, workerCount } from "../../src/runtime/index.ts";

const defaults = {
  device: "auto",
  device_id: 0,
  workers: null,
  micro_batch: null,
  steps_per_run: 1,
  threads: null,
  spinning: true,
  arena: true,
  memory_pattern: false,
  disabled_passes: [],
  force_mixed_precision: false,
};

describe("runtimeSchema", () => {
  it("accepts conf/runtime/default.yaml, which says what the schema fills in", () => {
    const yaml: unknown = parse(
      readFileSync(new URL("../../conf/runtime/default.yaml", import.meta.url), "utf8"),
    );
    expect(yaml).toEqual(defaults);
    expect(runtimeSchema.parse(yaml)).toEqual(defaults);
    expect(runtimeSchema.parse({})).toEqual(defaults);
  });

  it.each([
    { device: "gpu" },
    { workers: 0 },
    { workers: 1.5 },
    { micro_batch: -1 },
    { micro_batch: "some" },
    { disabled_passes: ["all"] },
    { cores: 2 },
  ])("refuses %j", (settings) => expect(runtimeSchema.safeParse(settings).success).toBe(false));

  it("counts one worker per core where none are given", () => {
    expect(workerCount({ workers: null })).toBe(availableParallelism());
    expect(workerCount({ workers: 3 })).toBe(3);
  });
});
