import { describe, expect, it } from "vitest";
import { PollPace } from "../../../src/launch/slurm/poll-pace.ts";

function pace(intervalMs: number, random = 0) {
  const clock = { now: 0 };
  return { clock, pace: new PollPace({ intervalMs, now: () => clock.now, random: () => random }) };
}

/** Milliseconds until the next call is due. */
function untilDue(subject: PollPace, clock: { now: number }): number {
  const from = clock.now;
  while (!subject.isDue) clock.now += 100;
  return clock.now - from;
}

describe("PollPace", () => {
  it("is due at once, then after the interval", () => {
    const { pace: subject, clock } = pace(15_000);
    expect(subject.isDue).toBe(true);
    subject.called(true);
    expect(untilDue(subject, clock)).toBe(15_000);
  });

  it("adds up to a tenth, so that launchers do not ask together", () => {
    const { pace: subject, clock } = pace(10_000, 0.5);
    subject.called(true);
    expect(untilDue(subject, clock)).toBe(10_500);
  });

  it("doubles the pause after every call without an answer, up to two minutes", () => {
    const { pace: subject, clock } = pace(15_000);
    const pauses = [1, 2, 3, 4, 5].map(() => {
      subject.called(false);
      return untilDue(subject, clock);
    });
    expect(pauses).toEqual([30_000, 60_000, 120_000, 120_000, 120_000]);
    subject.called(true);
    expect(untilDue(subject, clock)).toBe(15_000);
  });

  it("never asks twice in 5 seconds, in a hurry or not", () => {
    const { pace: subject, clock } = pace(0);
    subject.called(true);
    expect(untilDue(subject, clock)).toBe(5_000);
    subject.called(true);
    subject.hurry();
    expect(untilDue(subject, clock)).toBe(5_000);
  });

  it("asks soon where there is a reason to", () => {
    const { pace: subject, clock } = pace(60_000);
    subject.called(true);
    clock.now += 1_000;
    subject.hurry();
    expect(untilDue(subject, clock)).toBe(5_000);
  });
});
