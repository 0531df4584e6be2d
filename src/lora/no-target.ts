import { closestNames, didYouMean } from "../core/index.ts";
import { LoraError } from "./errors.ts";
import type { LoraConfig } from "./lora-config.ts";
import type { LoraModules } from "./modules.ts";

/** The last parts of the linear layers' names, each once, in order. */
export function linearSuffixes({
  linear,
}: {
  readonly linear: readonly { readonly path: string }[];
}): string[] {
  return [...new Set(linear.map(({ path }) => lastPart(path)))].sort();
}

function lastPart(path: string): string {
  const parts = path.split(".");
  const last = parts.at(-1) ?? path;
  // a bare number says nothing: `freq_mod.1`
  return /^\d+$/.test(last) ? parts.slice(-2).join(".") : last;
}

/** Nothing matched: lists what there is to match and the nearest preset. */
export function noTarget(config: LoraConfig, modules: LoraModules): LoraError {
  const { target_modules: target } = config;
  const entries = typeof target === "string" ? [target] : (target ?? []);
  const what =
    entries.length === 0
      ? "no target_modules are given"
      : `target_modules ${JSON.stringify(target)} chooses no module of this model`;
  const suffixes = linearSuffixes(modules);
  const near = entries.flatMap((entry) =>
    closestNames(entry, [...suffixes, ...Object.keys(modules.presets ?? {})], 1),
  );
  const lines = [
    ...(near.length > 0 ? [`did you mean ${[...new Set(near)].map((name) => `'${name}'`).join(", ")}?`] : []),
    `linear layers here end in: ${suffixes.join(", ")}`,
    ...presetLine(entries, modules),
    ...narrowingLine(config),
  ];
  return new LoraError("LORA_NO_TARGET", what, { where: "target_modules", fix: lines.join("\n") });
}

function presetLine(entries: readonly string[], { presets = {} }: LoraModules): string[] {
  const names = Object.keys(presets);
  const nearest = entries.flatMap((entry) => closestNames(entry, names, 1))[0] ?? names[0];
  if (nearest === undefined) return [];
  return [`or take a preset: lora.target_modules=${nearest} (there are ${names.join(", ")})`];
}

/** Names the keys that may have taken every match away. */
function narrowingLine(config: LoraConfig): string[] {
  const keys = (
    ["exclude_modules", "modules_to_save", "layers_to_transform", "layers_pattern"] as const
  ).filter((key) => config[key] !== null);
  return keys.length === 0 ? [] : [`or loosen ${keys.join(", ")}`];
}

/** A pattern also took modules that are not linear: PEFT refuses them as well. */
export function notLinear(wrong: readonly string[], modules: LoraModules): LoraError {
  const first = wrong[0] ?? "";
  const inside = modules.linear.filter(({ path }) => path.startsWith(`${first}.`)).map(({ path }) => path);
  const shown = `${wrong.slice(0, 3).join(", ")}${wrong.length > 3 ? ` and ${wrong.length - 3} more` : ""}`;
  const below = [...new Set(inside.map(lastPart))].slice(0, 6);
  return new LoraError(
    "LORA_NOT_LINEAR",
    `target_modules also chooses modules that are not linear: ${shown}`,
    {
      where: `module ${first}`,
      fix:
        below.length > 0
          ? `name the linear layers inside instead: ${below.join(", ")}`
          : `make the pattern narrower, or set exclude_modules to [${first}]`,
    },
  );
}

/** A warning for an entry without a match, with the nearest names. */
export function unmatchedWarning(key: string, entry: string, candidates: readonly string[]): string {
  if (candidates.includes(entry)) return `${key}: '${entry}' matches none of the adapted layers`;
  const hint = didYouMean(entry, candidates);
  return `${key}: '${entry}' matches nothing${hint ? `; ${hint}` : ""}`;
}
