import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";

const many = (draw: () => number, count = 20_000) => Array.from({ length: count }, draw);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("seeded numbers", () => {
  it("are the same for the same seed and others for another one", () => {
    const draw = (seed: number) => {
      const random = Random.fromSeed(seed);
      return many(() => random.uniform(), 20);
    };
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
  });

  it("go on from a state as if nothing had happened", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(50), (seed, before) => {
        const random = Random.fromSeed(seed);
        for (let i = 0; i < before; i++) random.normal();
        const resumed = Random.fromState(JSON.parse(JSON.stringify(random.state)));
        expect(resumed.permutation(9)).toEqual(random.permutation(9));
        expect(resumed.normal()).toBe(random.normal());
        expect(resumed.integer(0, 1000)).toBe(random.integer(0, 1000));
      }),
    );
  });

  it("are uniform between their bounds", () => {
    const random = Random.fromSeed(1);
    const values = many(() => random.uniform(-2, 4));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...values)).toBeLessThan(4);
    expect(Math.abs(mean(values) - 1)).toBeLessThan((5 * Math.sqrt(3)) / Math.sqrt(20_000));
  });

  it("are normal with the deviation asked for", () => {
    const random = Random.fromSeed(1);
    const values = many(() => random.normal(3));
    expect(values.every(Number.isFinite)).toBe(true);
    expect(Math.abs(mean(values))).toBeLessThan(15 / Math.sqrt(20_000));
    expect(Math.sqrt(mean(values.map((value) => value * value)))).toBeCloseTo(3, 1);
    // 68.27 % lie within one deviation
    expect(mean(values.map((value) => (Math.abs(value) < 3 ? 1 : 0)))).toBeCloseTo(0.6827, 1);
  });

  it("are whole numbers with both ends included", () => {
    const random = Random.fromSeed(1);
    expect(new Set(many(() => random.integer(3, 6), 200))).toEqual(new Set([3, 4, 5, 6]));
    expect(random.integer(7, 7)).toBe(7);
  });
});

describe("a permutation", () => {
  it("holds every number once", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(60), (seed, n) => {
        const order = Random.fromSeed(seed).permutation(n);
        expect([...order].sort((a, b) => a - b)).toEqual([...Array(n).keys()]);
      }),
    );
  });

  it("is each of the six orders of three about equally often", () => {
    const random = Random.fromSeed(2);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = random.permutation(3).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
