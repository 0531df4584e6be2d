import { describe, expect, it } from "vitest";
import { TaskWatch } from "../../../src/launch/slurm/task-watch.ts";

const graceMs = 30_000;
const seen = (state: string, reason = "None") => ({ state, reason, node: "n1" });

/** The verdicts on sightings 10 seconds apart. */
function verdicts(...states: ReadonlyArray<ReturnType<typeof seen> | undefined>): string {
  const watch = new TaskWatch(graceMs);
  return states.map((state, step) => watch.see(state, step * 10_000)).join(" ");
}

const ended = (state: string, times: number) => Array.from({ length: times }, () => seen(state));
const missing = (times: number) => Array.from({ length: times }, () => undefined);

describe("TaskWatch", () => {
  it("follows a task that waits and runs", () => {
    expect(
      verdicts(seen("PENDING", "Priority"), seen("CONFIGURING"), seen("RUNNING"), seen("COMPLETING")),
    ).toBe("waiting waiting running running");
  });

  it("gives the outcome of an ended task time to show", () => {
    expect(verdicts(seen("RUNNING"), ...ended("COMPLETED", 4))).toBe("running running running running gone");
  });

  it("gives up a task that is missing for the time of grace", () => {
    expect(verdicts(seen("RUNNING"), ...missing(4))).toBe("running waiting waiting waiting gone");
  });

  it("does not give up one that is missing for a moment", () => {
    expect(verdicts(...missing(3), seen("RUNNING"), ...missing(3))).toBe(
      "waiting waiting waiting running waiting waiting waiting",
    );
  });

  it("lets a task on a dead node come back", () => {
    const requeued = [...ended("NODE_FAIL", 5), seen("PENDING", "BeginTime"), seen("RUNNING")];
    expect(verdicts(...requeued)).toBe("running running running running running waiting running");
  });

  it("gives up a preempted task that does not come back", () => {
    expect(verdicts(...ended("PREEMPTED", 7)).endsWith("running gone")).toBe(true);
  });

  it("knows that a cancelled task which had not started vanishes", () => {
    const watch = new TaskWatch(graceMs);
    expect(watch.see(seen("PENDING", "Resources"), 0)).toBe("waiting");
    watch.cancelled();
    expect(watch.see(undefined, 1)).toBe("gone");
  });

  it("calls a task stuck only when its reason stays", () => {
    const stuck = seen("PENDING", "PartitionTimeLimit");
    expect(verdicts(stuck, stuck, stuck, stuck)).toBe("waiting waiting waiting stuck");
    expect(verdicts(stuck, stuck, seen("PENDING", "Priority"), stuck, stuck)).not.toContain("stuck");
  });

  it("waits for as long as it takes where the reason may clear", () => {
    const held = seen("PENDING", "JobHeldUser");
    expect(verdicts(held, held, held, held, held)).toBe("waiting waiting waiting waiting waiting");
  });
});
