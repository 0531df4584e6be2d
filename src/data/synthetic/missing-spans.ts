import type { Random } from "../../core/index.ts";
import { chance, logUniform } from "./draws.ts";

/** Takes values out of a mask: a few spans of up to an eighth of the series, or single values everywhere. */
export function drawMissingSpans(random: Random, observed: Uint8Array): void {
  const { length } = observed;
  if (chance(random, 0.3)) {
    const share = random.uniform(0, 0.3);
    for (let t = 0; t < length; t++) if (chance(random, share)) observed[t] = 0;
    return;
  }
  for (let count = random.integer(1, 4); count > 0; count--) {
    const span = Math.floor(logUniform(random, 1, length / 8));
    const start = random.integer(0, length - span);
    observed.fill(0, start, start + span);
  }
}
