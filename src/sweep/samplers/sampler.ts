import type { PlainValue } from "../../config/index.ts";
import type { Distribution } from "../space/distribution.ts";

/** A point that was proposed, as a sampler sees it. */
export interface Trial {
  /** One value for each distribution. */
  readonly values: readonly number[];
  readonly state: "running" | "completed" | "pruned" | "failed";
  /** Of a completed trial: its objectives, less is better (what is maximised has its sign turned). */
  readonly losses: readonly number[];
  /** Of a pruned trial: how far it came, and the loss there. */
  readonly last: { readonly step: number; readonly loss: number } | undefined;
}

/** Chooses the values of trials. A function of its settings and what it is handed: it keeps nothing. */
export interface Sampler {
  /** Whether the trials before matter. Where not, `propose` gets none. */
  readonly learns: boolean;
  /** How many points there are, where they have an end. */
  readonly total?: number;
  /**
   * @param num     the trial's number, from 0
   * @param trials  all trials before, by number
   * @returns one value for each distribution
   */
  propose(num: number, trials: readonly Trial[]): readonly number[];
}

export interface SamplerRequest {
  readonly distributions: readonly Distribution[];
  readonly seed: number;
  /** `hydra.sweeper`, or `hydra.sweeper.sampler` where that is there. */
  readonly settings: ReadonlyMap<string, PlainValue>;
}

export type SamplerFactory = (request: SamplerRequest) => Sampler;
