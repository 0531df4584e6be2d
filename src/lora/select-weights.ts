import { closestNames } from "../core/index.ts";
import { LoraError } from "./errors.ts";
import { linearSuffixes, unmatchedWarning } from "./no-target.ts";
import { fullMatch, hasSuffix } from "./pattern.ts";

/** The name that chooses every bias (BitFit). */
const BIASES = "biases";

export interface SelectionSource {
  /** The weights that may be trained, by torch name. */
  readonly names: readonly string[];
  /** Every module path. */
  readonly modules: readonly string[];
  /** Named choices of modules. */
  readonly presets: Readonly<Record<string, readonly string[]>>;
}

/**
 * The weights that are trained themselves where no adapter is: `biases` (BitFit), a preset such as `head`, a list of module names or
 * ends of names with all that lies below them, or a regular expression for whole weight names.
 *
 * @returns the names in their order, and a line for each entry of a list that matched nothing
 * @throws {LoraError} LORA_NO_TARGET where nothing matches
 * @see Ben Zaken et al. 2022 (BitFit)
 */
export function selectWeights(
  selection: readonly string[] | string,
  source: SelectionSource,
): { readonly names: readonly string[]; readonly warnings: readonly string[] } {
  const names = source.names.filter((name) => isChosen(name, selection, source));
  if (names.length === 0) throw nothingChosen(selection, source);
  const entries = typeof selection === "string" ? [] : selection;
  const warnings = entries
    .filter((entry) => !source.modules.some((module) => hasSuffix(module, entry)))
    .map((entry) => unmatchedWarning("trained_weights", entry, source.modules));
  return { names, warnings };
}

function isChosen(
  name: string,
  selection: readonly string[] | string,
  { presets, modules }: SelectionSource,
): boolean {
  if (selection === BIASES) return name === "bias" || name.endsWith(".bias");
  if (typeof selection === "string") {
    const preset = presets[selection];
    if (preset) return preset.some((module) => name.startsWith(`${module}.`));
    return fullMatch(selection, name, "trained_weights");
  }
  return modules.some(
    (module) => name.startsWith(`${module}.`) && selection.some((entry) => hasSuffix(module, entry)),
  );
}

function nothingChosen(
  selection: readonly string[] | string,
  { modules, presets }: SelectionSource,
): LoraError {
  const words = [BIASES, ...Object.keys(presets)];
  const entries = typeof selection === "string" ? [selection] : selection;
  const ends = linearSuffixes({ linear: modules.filter((path) => path !== "").map((path) => ({ path })) });
  const near = entries.flatMap((entry) => closestNames(entry, [...words, ...ends], 1));
  return new LoraError(
    "LORA_NO_TARGET",
    `trained_weights ${JSON.stringify(selection)} chooses no weight of this model`,
    {
      where: "lora.trained_weights",
      fix: [
        ...(near.length > 0
          ? [`did you mean ${[...new Set(near)].map((name) => `'${name}'`).join(", ")}?`]
          : []),
        `choose ${words.join(", ")}, a list of modules, or a regular expression such as head\\..*`,
      ].join("\n"),
    },
  );
}
