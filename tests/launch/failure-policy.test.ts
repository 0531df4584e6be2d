import { describe, expect, it } from "vitest";
import { failurePolicy, retryReason, stopReason } from "../../src/launch/failure-policy.ts";
import type { JobOutcome } from "../../src/launch/index.ts";
import { LaunchError } from "../../src/launch/index.ts";

const outcome = (error: unknown, status: JobOutcome["status"] = "failed"): JobOutcome => {
  const times = { startedAt: null, endedAt: null };
  return { num: 0, overrides: [], params: {}, dir: null, status, result: undefined, error, ...times };
};
const failed = outcome(new Error("bad luck"));
const lost = outcome(new LaunchError("LAUNCH_JOB_LOST", "the job's process died"));
const policy = (launcher: Record<string, unknown> = {}, sweeper: Record<string, unknown> = {}) =>
  failurePolicy(new Map(Object.entries(launcher)) as never, new Map(Object.entries(sweeper)) as never);

describe("retryReason", () => {
  it("tries no failed job again, and a lost one three times", () => {
    expect(retryReason(policy(), failed, { failed: 0, lost: 0 })).toBeUndefined();
    expect(retryReason(policy(), lost, { failed: 0, lost: 2 })).toBe(
      "LAUNCH_JOB_LOST: the job's process died",
    );
    expect(retryReason(policy(), lost, { failed: 0, lost: 3 })).toBeUndefined();
  });

  it("tries a failed job again as often as is asked for, whatever was lost before", () => {
    const twice = policy({ retries: 2n });
    expect(retryReason(twice, failed, { failed: 1, lost: 5 })).toBe("bad luck");
    expect(retryReason(twice, failed, { failed: 2, lost: 0 })).toBeUndefined();
  });

  it("leaves what did not fail", () => {
    expect(
      retryReason(policy({ retries: 2n }), outcome(undefined, "interrupted"), { failed: 0, lost: 0 }),
    ).toBeUndefined();
  });
});

describe("stopReason", () => {
  const counts = (failures: number) => ({ failed: failures, ended: failures, total: 10 });

  it("goes on, whatever fails", () => expect(stopReason(policy(), failed, counts(10))).toBeUndefined());

  it("stops at the first failure with fail_fast", () => {
    expect(stopReason(policy({ fail_fast: true }), failed, counts(1))).toMatchObject({
      code: "LAUNCH_STOPPED",
    });
    expect(stopReason(policy({ fail_fast: true }), failed, counts(0))).toBeUndefined();
  });

  it("stops once more than the allowed share of all jobs has failed", () => {
    const third = policy({}, { max_failure_rate: 0.3 });
    expect(stopReason(third, failed, counts(3))).toBeUndefined();
    expect(stopReason(third, failed, counts(4))?.message).toBe(
      "4 of 10 jobs failed, more than max_failure_rate allows",
    );
    expect(stopReason(policy({}, { max_failure_rate: 0n }), failed, counts(1))).toBeDefined();
  });

  it("stops where no worker can be started", () => {
    const error = new LaunchError("LAUNCH_WORKER", "not found");
    expect(stopReason(policy(), outcome(error), counts(1))).toBe(error);
  });
});

describe("failurePolicy", () => {
  it.each([
    [{ retries: -1n }, {}, "hydra.launcher.retries"],
    [{ lost_retries: 1.5 }, {}, "hydra.launcher.lost_retries"],
    [{}, { max_failure_rate: 2 }, "hydra.sweeper.max_failure_rate"],
  ])("refuses a wrong setting", (launcher, sweeper, where) => {
    expect(() => policy(launcher, sweeper)).toThrow(
      expect.objectContaining({ code: "LAUNCH_SETTING", where: { text: where } }),
    );
  });
});
