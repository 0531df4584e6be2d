import { describe, expect, it } from "vitest";
import type { PlainValue } from "../../src/config/index.ts";
import { parseOverrides } from "../../src/config/index.ts";
import type { Sweeper, SweeperFactory, SweepPoint, SweepRequest } from "../../src/sweep/index.ts";

export interface SweeperCase {
  /** Words with a sweep that the sweeper can take, and at least 6 points. */
  readonly words: readonly string[];
  readonly settings?: ReadonlyMap<string, PlainValue>;
}

/** What every sweeper must do. */
export function sweeperContract(
  name: string,
  factory: SweeperFactory,
  { words, settings }: SweeperCase,
): void {
  const request: SweepRequest = {
    overrides: parseOverrides([...words]),
    settings: settings ?? new Map(),
    groupOptions: () => [],
  };
  const make = () => factory(request);

  describe(`sweeper ${name}`, () => {
    it("gives as many points as it says, then is done and stays so", () => {
      const sweeper = make();
      const points = drain(sweeper);
      expect(points.length).toBeGreaterThanOrEqual(6);
      expect(sweeper.total ?? points.length).toBe(points.length);
      expect([sweeper.next(), sweeper.next()]).toEqual(["done", "done"]);
    });

    it("gives points without sweeps, whose params repeat their words", () => {
      for (const point of drain(make())) {
        const said = point.overrides.map(({ text }) => text);
        for (const [key, value] of Object.entries(point.params)) expect(said).toContain(`${key}=${value}`);
        expect(parseOverrides(said).map(({ value }) => value?.kind)).not.toContain("interval");
      }
    });

    it("hears every way in which a point ends", () => {
      const sweeper = make();
      for (const [num, status] of (["completed", "failed", "pruned", "not_run"] as const).entries()) {
        expect(sweeper.next()).toBeTypeOf("object");
        sweeper.tell({ num, status, value: status === "completed" ? 1 : undefined });
      }
      expect(sweeper.next()).toBeTypeOf("object");
    });

    it("repeats itself: made again and told the same, it goes on with the same points", () => {
      const [first, second] = [make(), make()];
      for (let num = 0; num < 3; num++) {
        expect(wordsOf(second.next())).toEqual(wordsOf(first.next()));
        for (const sweeper of [first, second]) sweeper.tell({ num, status: "completed", value: num });
      }
      expect(drain(second, 3).map(wordsOf)).toEqual(drain(first, 3).map(wordsOf));
    });
  });
}

/** All points from `num` on, each told with its number as soon as it is there. */
export function drain(sweeper: Sweeper, num = 0): SweepPoint[] {
  const points: SweepPoint[] = [];
  for (let point = sweeper.next(); point !== "done"; point = sweeper.next()) {
    if (point === "wait") throw new Error("waits though every point was told");
    points.push(point);
    sweeper.tell({ num: num + points.length - 1, status: "completed", value: num + points.length });
  }
  return points;
}

export function wordsOf(point: SweepPoint | "wait" | "done"): readonly string[] {
  return typeof point === "string" ? [point] : point.overrides.map(({ text }) => text);
}
