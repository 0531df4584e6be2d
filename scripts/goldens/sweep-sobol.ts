import { z } from "zod";
import { SobolSequence } from "../../src/sweep/index.ts";
import type { SweepReplay } from "./sweep.ts";

const rows = z.array(z.array(z.int()));
const sobolFile = z.looseObject({ numerators_over_64: z.record(z.string(), rows) });
const laterKey = /^later_points_(\d+)d_over_2\^(\d+)$/;

/** A case for each number of dimensions, and one for each later point. */
export function replaySobol(content: object): SweepReplay[] {
  const { numerators_over_64: first } = sobolFile.parse(content);
  const beginnings = Object.entries(first).map(([dimensions, expected]) =>
    compared(`sobol ${dimensions}d`, expected, firstPoints(Number(dimensions), expected.length)),
  );
  const later = Object.entries(content).flatMap(([key, points]) => {
    const [, dimensions, bits] = laterKey.exec(key) ?? [];
    return dimensions === undefined ? [] : replayLater(Number(dimensions), Number(bits), points);
  });
  return [...beginnings, ...later];
}

function firstPoints(dimensions: number, count: number): number[][] {
  const sequence = new SobolSequence(dimensions);
  return Array.from({ length: count }, (_, num) => sequence.point(num).map((x) => x * 64));
}

function replayLater(dimensions: number, bits: number, points: unknown): SweepReplay[] {
  const sequence = new SobolSequence(dimensions);
  return Object.entries(z.record(z.string(), z.array(z.int())).parse(points)).map(([num, expected]) =>
    compared(
      `sobol ${dimensions}d point ${num}`,
      [expected],
      [sequence.point(Number(num)).map((x) => x * 2 ** bits)],
    ),
  );
}

function compared(id: string, expected: readonly number[][], got: readonly number[][]): SweepReplay {
  const odd = expected.findIndex((row, index) => row.join() !== got[index]?.join());
  const message = odd < 0 ? "" : `point ${odd}: expected ${expected[odd]?.join()}, got ${got[odd]?.join()}`;
  return { id, ok: odd < 0, message };
}
