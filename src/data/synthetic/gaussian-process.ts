import type { Random } from "../../core/index.ts";
import { addWaves, type Wave } from "./curves.ts";
import { chance, logUniform } from "./draws.ts";
import { addScaled } from "./noise.ts";

/** Random features of a process; the error of the kernel falls as 1/√features. */
const FEATURES = 24;

/** Kernels joined in one process, at most. */
const KERNELS = 4;

/** A stationary kernel as its spectrum: draws a frequency, in cycles a step. */
type Spectrum = (random: Random) => number;

/**
 * Adds a Gaussian process with a composed kernel. Up to four kernels from a bank (squared exponential, rational quadratic, Matérn,
 * periodic) are added or multiplied, as KernelSynth does. The process is drawn by random Fourier features, which costs
 * a few oscillators instead of a Cholesky factor: a kernel is the Fourier transform of a distribution of
 * frequencies; of a sum one draws from either, of a product one adds two draws.
 *
 * @param periods  of the periodic kernels, steps
 * @see Ansari et al. 2024 (Chronos), §4.2; Rahimi & Recht 2007
 */
export function addGaussianProcess(
  random: Random,
  into: Float64Array,
  { periods, size }: { readonly periods: readonly number[]; readonly size: number },
): void {
  const spectrum = drawSpectrum(random, into.length, periods);
  const features = Array.from(
    { length: FEATURES },
    (): Wave => ({
      frequency: spectrum(random),
      amplitude: Math.hypot(random.normal(), random.normal()),
      phase: random.uniform(0, 2 * Math.PI),
    }),
  );
  const values = new Float64Array(into.length);
  addWaves(values, features);
  addScaled(into, values, size);
}

function drawSpectrum(random: Random, length: number, periods: readonly number[]): Spectrum {
  let spectrum = drawKernel(random, length, periods);
  const more = random.integer(0, KERNELS - 1);
  for (let count = 0; count < more; count++) {
    const other = drawKernel(random, length, periods);
    spectrum = chance(random, 0.5) ? sumOf(spectrum, other) : productOf(spectrum, other);
  }
  return spectrum;
}

const sumOf =
  (a: Spectrum, b: Spectrum): Spectrum =>
  (random) =>
    chance(random, 0.5) ? a(random) : b(random);

const productOf =
  (a: Spectrum, b: Spectrum): Spectrum =>
  (random) =>
    a(random) + b(random);

/** One kernel of the bank. Length scales run from a few steps to the whole series. */
function drawKernel(random: Random, length: number, periods: readonly number[]): Spectrum {
  const frequency = 1 / (2 * Math.PI * logUniform(random, 4, length));
  const shape = logUniform(random, 0.3, 5);
  const bank: readonly Spectrum[] = [
    (draw) => draw.normal(frequency), // squared exponential
    (draw) => draw.normal(frequency) * Math.sqrt(gamma(draw, shape)), // rational quadratic: a mixture of scales
    (draw) => draw.normal(frequency) / Math.sqrt(gamma(draw, shape)), // Matérn: Student's t
    periodic(random, periods),
  ];
  return bank[random.integer(0, periods.length > 0 ? 3 : 2)] as Spectrum;
}

/** exp(−2 sin²(πt/p)/l²) has the frequencies k/p, rarer with k; a geometric law stands for its Bessel functions. */
function periodic(random: Random, periods: readonly number[]): Spectrum {
  const period = periods[random.integer(0, Math.max(0, periods.length - 1))] ?? 1;
  const stop = random.uniform(0.3, 0.9);
  return (draw) => {
    let k = 1;
    while (k < period / 2 && !chance(draw, stop)) k++;
    return k / period;
  };
}

/** Gamma distribution with this shape and mean 1. @see Marsaglia & Tsang 2000 */
function gamma(random: Random, shape: number): number {
  const boost = shape < 1 ? (1 - random.uniform()) ** (1 / shape) : 1;
  const d = (shape < 1 ? shape + 1 : shape) - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v))
      return (boost * d * v) / shape;
  }
}
