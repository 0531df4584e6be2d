import { elementCount, type Tensor } from "../onnx/index.ts";
import type { LoraConfig } from "./lora-config.ts";
import { linearSuffixes, unmatchedWarning } from "./no-target.ts";
import { endMatch, fullMatch, hasSuffix } from "./pattern.ts";
import type { AdapterPlan, AdapterTarget } from "./plan-adapters.ts";

/** Numbers of values. */
export interface ParameterCounts {
  /** The base model's. */
  readonly base: number;
  readonly trainable: number;
  /** The base model's and the adapter's matrices. */
  readonly total: number;
  /** `trainable` of `total`, per cent. */
  readonly percent: number;
}

/** What an adapter does to a model, for people and for a run's summary. */
export interface LoraReport {
  readonly counts: ParameterCounts;
  readonly targets: readonly {
    readonly path: string;
    readonly rank: number;
    readonly alpha: number;
    readonly scale: number;
    readonly inFeatures: number;
    readonly outFeatures: number;
  }[];
  readonly savedModules: readonly string[];
  readonly trainedBiases: number;
  /** One line each: entries without a match, adapters larger than what they adapt. */
  readonly warnings: readonly string[];
}

interface Surroundings {
  readonly paths: readonly string[];
  readonly saved: readonly string[];
  readonly parameters: ReadonlyMap<string, Tensor>;
}

type Plan = Pick<AdapterPlan, "config" | "targets" | "tensors">;

export function describePlan(plan: Plan, given: LoraConfig, around: Surroundings): LoraReport {
  return {
    counts: count(plan, around.parameters),
    targets: plan.targets.map(({ module, rank, alpha, scale }) => ({
      path: module.path,
      rank,
      alpha,
      scale,
      inFeatures: module.inFeatures,
      outFeatures: module.outFeatures,
    })),
    savedModules: around.saved,
    trainedBiases: [...plan.tensors.values()].filter(({ role }) => role === "bias").length,
    warnings: [...unmatched(plan, given, around), ...largerThanMatrix(plan.targets)],
  };
}

function count({ tensors }: Plan, parameters: ReadonlyMap<string, Tensor>): ParameterCounts {
  const sum = (all: Iterable<{ readonly shape: readonly number[] }>) =>
    [...all].reduce((total, { shape }) => total + elementCount(shape), 0);
  const base = sum(parameters.values());
  const all = [...tensors.values()];
  const trainable = sum(all.filter(({ role }) => role !== "buffer"));
  const total = base + sum(all.filter((tensor) => tensor.base === undefined));
  return { base, trainable, total, percent: total === 0 ? 0 : (100 * trainable) / total };
}

function unmatched({ config, targets }: Plan, given: LoraConfig, { paths }: Surroundings): string[] {
  const suffixes = linearSuffixes({ linear: targets.map(({ module }) => module) });
  const candidates = [...new Set([...paths.map((path) => path.split(".").at(-1) ?? path), ...suffixes])];
  const chosen = targets.map(({ module }) => module.path);
  const missing = (key: string, entries: readonly string[], matches: (entry: string) => boolean) =>
    entries.filter((entry) => !matches(entry)).map((entry) => unmatchedWarning(key, entry, candidates));
  return [
    ...missing("target_modules", listOf(given.target_modules), (entry) =>
      chosen.some((path) => hasSuffix(path, entry)),
    ),
    ...missing("exclude_modules", listOf(config.exclude_modules), (entry) =>
      paths.some((path) => hasSuffix(path, entry)),
    ),
    ...excludePattern(config, paths),
    ...missing("modules_to_save", config.modules_to_save ?? [], (entry) =>
      paths.some((path) => path.endsWith(entry)),
    ),
    ...(["rank_pattern", "alpha_pattern"] as const).flatMap((key) =>
      missing(key, Object.keys(config[key]), (entry) => chosen.some((path) => endMatch(entry, path, key))),
    ),
  ];
}

function excludePattern(config: LoraConfig, paths: readonly string[]): string[] {
  const { exclude_modules: exclude } = config;
  if (typeof exclude !== "string" || exclude === "") return [];
  const hit = paths.some((path) => fullMatch(exclude, path, "exclude_modules"));
  return hit ? [] : [unmatchedWarning("exclude_modules", exclude, [])];
}

function listOf(value: LoraConfig["target_modules"]): readonly string[] {
  return typeof value === "string" ? [] : (value ?? []);
}

/** Where r·(in + out) exceeds in·out, training the matrix itself would be cheaper. */
function largerThanMatrix(targets: readonly AdapterTarget[]): string[] {
  const larger = targets.filter(
    ({ module, rank }) =>
      rank * (module.inFeatures + module.outFeatures) > module.inFeatures * module.outFeatures,
  );
  if (larger.length === 0) return [];
  const sizes = larger.map(
    ({ module, rank }) => `rank ${rank} on ${module.outFeatures}×${module.inFeatures}`,
  );
  const kinds = [...new Set(sizes)];
  const shown = kinds.slice(0, 4).join(", ") + (kinds.length > 4 ? " …" : "");
  const layers = larger.length === 1 ? "1 layer has" : `${larger.length} layers have`;
  return [`rank: ${layers} more adapter values than the matrix itself (${shown})`];
}
