import type { Distribution } from "../../src/sweep/index.ts";

/** A function to minimise. Its domain, its minimum and its source stand in the baseline's script. */
export interface Problem {
  readonly distributions: readonly Distribution[];
  /** The value at a point: numbers, and the index of a category. */
  readonly value: (point: readonly number[]) => number;
  /** Standard deviation of what is added to a value when it is looked at. */
  readonly noise: number;
}

const float = (low: number, high: number, log = false): Distribution => ({
  kind: "float",
  low,
  high,
  log,
  step: null,
});
const int = (low: number, high: number, log = false): Distribution => ({
  kind: "int",
  low,
  high,
  log,
  step: 1,
});
const category = (size: number): Distribution => ({ kind: "categorical", size });
const repeat = (count: number, one: Distribution): Distribution[] => Array.from({ length: count }, () => one);

/** De Jong 1975, F1, centred at 1.2. */
function sphere(x: readonly number[]): number {
  return sum(x, (v) => (v - 1.2) ** 2);
}

/** Rosenbrock 1960, extended to n dimensions. */
function rosenbrock(x: readonly number[]): number {
  return sum(x.slice(1), (b, index) => {
    const a = x[index] ?? 0;
    return 100 * (b - a * a) ** 2 + (1 - a) ** 2;
  });
}

/** Branin 1972. */
function branin([a = 0, b = 0]: readonly number[]): number {
  const valley = b - (5.1 / (4 * Math.PI ** 2)) * a * a + (5 / Math.PI) * a - 6;
  return valley ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(a) + 10;
}

const hartmannWeights = [1, 1.2, 3, 3.2];
const hartmannScales = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const hartmannCentres = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];

/** Hartman 1973. */
function hartmann6(x: readonly number[]): number {
  return -sum(hartmannWeights, (weight, row) => {
    const distance = sum(
      x,
      (v, index) =>
        (hartmannScales[row]?.[index] ?? 0) * (v - (hartmannCentres[row]?.[index] ?? 0) * 1e-4) ** 2,
    );
    return weight * Math.exp(-distance);
  });
}

/** Ackley 1987. */
function ackley(v: readonly number[]): number {
  const squares = sum(v, (t) => t * t);
  const waves = sum(v, (t) => Math.cos(2 * Math.PI * t));
  return -20 * Math.exp(-0.2 * Math.sqrt(squares / v.length)) - Math.exp(waves / v.length) + 20 + Math.E;
}

/** How far each category lies from the best: the letters a, b, c, d, e stand at 1, 2, 0, 3, 4. */
const categoryPlaces = [1, 2, 0, 3, 4];

/** Ackley over four floats, two on a logarithm, two integers and two categories (of which the third is best). */
function ackleyMixed(x: readonly number[]): number {
  return ackley([
    ...x.slice(0, 4).map((v) => v - 1),
    ...x.slice(4, 6).map((v) => (Math.log10(v) + 3) * 2),
    ...x.slice(6, 8).map((v) => (v - 7) * 0.5),
    ...x.slice(8).map((v) => categoryPlaces[v] ?? 0),
  ]);
}

const ranks = [2, 4, 8, 16, 32];

/** The baseline's stand-in for a LoRA sweep: learning rate, rank (a category), batch size. */
function lora([rate = 1, rank = 0, batch = 1]: readonly number[]): number {
  const [lr, r, b] = [Math.log10(rate), Math.log2(ranks[rank] ?? 0), Math.log2(batch)];
  const d = lr - (-3 - 0.1 * (r - 3) + 0.15 * (b - 6));
  return 0.05 * d * d + 0.25 * Math.max(0, d - 0.9) ** 2 + 0.02 * Math.exp(-0.7 * r) + 0.002 * (b - 5) ** 2;
}

function sum(values: readonly number[], term: (value: number, index: number) => number): number {
  return values.reduce((total, value, index) => total + term(value, index), 0);
}

/** The baseline's problems, by its names. */
export const samplerProblems: Readonly<Record<string, Problem>> = {
  sphere10: { distributions: repeat(10, float(-5, 5)), value: sphere, noise: 0 },
  rosenbrock5: { distributions: repeat(5, float(-2.048, 2.048)), value: rosenbrock, noise: 0 },
  branin: { distributions: [float(-5, 10), float(0, 15)], value: branin, noise: 0 },
  hartmann6: { distributions: repeat(6, float(0, 1)), value: hartmann6, noise: 0 },
  ackley10_mixed: {
    distributions: [
      ...repeat(4, float(-5, 5)),
      ...repeat(2, float(1e-5, 1e-1, true)),
      ...repeat(2, int(0, 20)),
      ...repeat(2, category(5)),
    ],
    value: ackleyMixed,
    noise: 0,
  },
  lora_noisy: {
    distributions: [float(1e-5, 1e-1, true), category(ranks.length), int(8, 256, true)],
    value: lora,
    noise: 0.002,
  },
};
