import type { Random } from "../../core/index.ts";
import { chance, logUniform } from "./draws.ts";

/** Shifts the level, once or twice, from some step on. */
export function addLevelShifts(random: Random, into: Float64Array): void {
  for (let count = chance(random, 0.3) ? 2 : 1; count > 0; count--) {
    const size = random.normal(1.2);
    for (let t = random.integer(0, into.length - 1); t < into.length; t++) (into[t] as number) += size;
  }
}

/** Adds a few spikes; some fade instead of ending at once. */
export function addSpikes(random: Random, into: Float64Array): void {
  const count = Math.ceil(logUniform(random, 1, 12));
  const size = logUniform(random, 1, 6) * (chance(random, 0.7) ? 1 : -1);
  const fade = chance(random, 0.5) ? 0 : random.uniform(0.2, 0.9);
  for (let spike = 0; spike < count; spike++) {
    let height = size * (0.5 + random.uniform());
    for (let t = random.integer(0, into.length - 1); t < into.length && Math.abs(height) > 0.05; t++) {
      (into[t] as number) += height;
      height *= fade;
    }
  }
}

/** Another regime: from some step on, what moves does so more or less, and at another level; perhaps back again. */
export function changeRegimes(random: Random, values: Float64Array): void {
  const rate = 1 / logUniform(random, 100, values.length);
  const regimes = [0, 1].map(() => ({ size: Math.exp(random.normal(0.5)), level: random.normal(0.8) }));
  let current = 0;
  for (let t = 0; t < values.length; t++) {
    if (chance(random, rate)) current = 1 - current;
    const { size, level } = regimes[current] as { size: number; level: number };
    values[t] = (values[t] as number) * size + level;
  }
}
