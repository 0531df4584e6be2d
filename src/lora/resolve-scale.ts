import type { LoraConfig } from "./lora-config.ts";
import { endMatch } from "./pattern.ts";

export interface Scale {
  readonly rank: number;
  readonly alpha: number;
  /** The factor of B·A. */
  readonly scale: number;
}

/** Rank, alpha and factor of a module after `rank_pattern`, `alpha_pattern` and rsLoRA. */
export function resolveScale(name: string, config: LoraConfig): Scale {
  const rank = firstMatch(config.rank_pattern, name, "rank_pattern") ?? config.r;
  const alpha = firstMatch(config.alpha_pattern, name, "alpha_pattern") ?? config.lora_alpha;
  return { rank, alpha, scale: alpha / (config.use_rslora ? Math.sqrt(rank) : rank) };
}

function firstMatch(
  patterns: Readonly<Record<string, number>>,
  name: string,
  where: string,
): number | undefined {
  return Object.entries(patterns).find(([pattern]) => endMatch(pattern, name, where))?.[1];
}
