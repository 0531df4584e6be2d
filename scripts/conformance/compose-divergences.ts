import type { Answer } from "./answer.ts";
import type { ComposeCase } from "./compose.ts";
import type { DivergenceRule } from "./replay.ts";

/** Compositions that we answer otherwise than Hydra 1.3 on purpose. Anything outside these rules is a bug. */
export const composeDivergences: readonly DivergenceRule<ComposeCase, Answer>[] = [];
