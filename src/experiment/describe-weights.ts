import { basename } from "node:path";
import type { WeightSource } from "../models/index.ts";

/** Where weights came from, as `run_summary.json` holds it. */
export interface UsedWeights {
  /** A repository on the hub, a folder, `bundled` or `random`. */
  readonly source: string;
  /** The commit, for a repository. */
  readonly revision: string | null;
  /** Of `model.safetensors`; null where the weights are random. */
  readonly sha256: string | null;
}

export function usedWeights({ weights, repo, path, revision, sha256 }: WeightSource): UsedWeights {
  const source = { hub: repo, path, bundled: "bundled", random: "random" }[weights] ?? weights;
  return { source, revision, sha256 };
}

/** The header's line: where they came from, and which they are. */
export function weightsText({ weights, repo, path, revision, sha256 }: WeightSource): string {
  const digest = sha256 === null ? "" : ` (sha256 ${sha256.slice(0, 12)})`;
  switch (weights) {
    case "hub":
      return `${repo} at ${revision?.slice(0, 12) ?? "an unknown revision"}${digest}`;
    case "bundled":
      return `bundled checkpoint ${basename(path ?? "")}${digest}`;
    case "path":
      return `${path}${digest}`;
    case "random":
      return "random initialisation";
  }
}
