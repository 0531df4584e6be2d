/** The share of a standard normal distribution that lies between `from` and `to`, as a logarithm; never of zero. */
export function logNormalMass(from: number, to: number): number {
  // the upper tail mirrored into the lower one, where differences keep their digits
  const [a, b] = from > 0 ? [-to, -from] : [from, to];
  const width = b - a;
  if (width < narrow) return logNormalDensity((a + b) / 2) + Math.log(Math.max(width, Number.MIN_VALUE));
  return Math.log(Math.max(below(b) - below(a), Number.MIN_VALUE));
}

/** Below this width the density times the width is more exact than a difference of two shares. */
const narrow = 1e-3;

export function logNormalDensity(x: number): number {
  return -0.5 * x * x - 0.5 * Math.log(2 * Math.PI);
}

/** The share of a standard normal distribution below x. */
function below(x: number): number {
  return 0.5 * complementaryError(-x * Math.SQRT1_2);
}

/** Coefficients of Press et al., Numerical Recipes, §6.2 (`erfcc`): relative error below 1.2e-7 everywhere. */
const coefficients = [
  0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196,
  1.00002368, -1.26551223,
];

function complementaryError(x: number): number {
  const t = 1 / (1 + 0.5 * Math.abs(x));
  const polynomial = coefficients.reduce((sum, coefficient) => sum * t + coefficient, 0);
  const tail = t * Math.exp(-x * x + polynomial);
  return x >= 0 ? tail : 2 - tail;
}
