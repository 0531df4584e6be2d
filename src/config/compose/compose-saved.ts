import { type TtmError, TtmErrors, throwAll, TtmError as UserError } from "../../core/index.ts";
import { configError } from "../errors.ts";
import { isSweep, type Override, overridePlace, parseOverride } from "../grammar/index.ts";
import { Interpolator, type InterpolatorOptions } from "../interpolation/interpolator.ts";
import type { MapNode, Node } from "../node.ts";
import { entry, mapNode, nodeValue, scalarNode, withEntry } from "../node.ts";
import { engineOrigin } from "../origin.ts";
import { pythonStr } from "../python-text.ts";
import { applyValue } from "./apply-value.ts";
import { checkSweeps, isHydraOverride } from "./check-sweeps.ts";
import type { ComposeOptions } from "./compose.ts";
import { type Composition, makeComposition, type Step } from "./composition.ts";
import { fillHydraNode } from "./hydra-node.ts";
import { hydraShape } from "./hydra-shape.ts";
import { typedNode } from "./typed-node.ts";

/** What a run left behind: its config and hydra node with interpolations as text, and its words. */
export interface SavedConfig {
  readonly config: MapNode;
  readonly hydra: MapNode;
  /** The task's override words. They are in `config` already. */
  readonly words: readonly string[];
  /** Where it lies, absolute. */
  readonly folder: string;
}

export type ComposeSavedOptions = Pick<
  ComposeOptions,
  "overrides" | "mode" | "job" | "now" | "cwd" | "env" | "resolvers"
> & { readonly saved: SavedConfig };

/**
 * A composition from what a run saved, with further value overrides. No config folder is read, so that a run can be
 * repeated after its configs have changed. Choices of groups stand: their files are not known here.
 *
 * @throws {ConfigError} CONFIG_SAVED_CHOICE for an override of a group, and what value overrides throw
 */
export function composeSaved(options: ComposeSavedOptions): Composition {
  const { saved, overrides: words, mode, job = {}, cwd = process.cwd(), env = process.env } = options;
  const warnings: string[] = [];
  const interpolation: InterpolatorOptions = {
    env,
    now: options.now ?? new Date(),
    resolvers: options.resolvers,
    warn: (message) => warnings.push(message),
  };
  const overrides = parsed(words, mode);
  const choices = savedChoices(saved.hydra);
  const total = words.length;
  const faults: TtmError[] = [...checkSweeps(overrides, mode === "MULTIRUN", total)];
  const single = overrides.filter(({ value }) => value === null || !isSweep(value));
  faults.push(...single.flatMap((override) => choiceFault(override, choices, saved, total)));
  throwAll(faults);
  const steps: Step[] = [{ tree: savedTree(saved), origin: saved.config.origin, item: null }];
  const changed = applyAll(single, steps, total, interpolation);
  const sources = [{ provider: "saved", path: saved.folder }];
  const earlier = saved.words.map((word, index) => parseOverride(word, index));
  const configName = configNameOf(saved.hydra);
  const facts = { job, configName, overrides: [...earlier, ...overrides], choices, sources, cwd, env };
  return makeComposition({
    all: fillHydraNode(changed, facts),
    interpolation,
    choices,
    defaultsList: [],
    defaultsTrees: [],
    searchPath: sources,
    overrides: {
      hydra: overrides.filter(isHydraOverride).map(({ text }) => text),
      task: [...earlier, ...overrides.filter((word) => !isHydraOverride(word))].map(({ text }) => text),
    },
    steps,
    warnings,
    groups: () => [],
    groupOptions: () => [],
  });
}

function parsed(words: ComposeOptions["overrides"], mode: ComposeOptions["mode"]): Override[] {
  const overrides = words.map((word, index) =>
    typeof word === "string" ? parseOverride(word, index, { total: words.length }) : word,
  );
  if (mode === undefined || overrides.some(({ key }) => key === "hydra.mode")) return overrides;
  return [...overrides, parseOverride(`hydra.mode=${mode}`, words.length)];
}

function applyAll(
  overrides: readonly Override[],
  steps: Step[],
  total: number,
  interpolation: InterpolatorOptions,
): MapNode {
  const faults: TtmError[] = [];
  const context = {
    total,
    groups: () => [],
    groupOptions: () => [],
    isGroup: () => false,
    interpolator: (tree: MapNode) => new Interpolator(tree, interpolation),
  };
  let tree = (steps[0] as Step).tree;
  for (const override of overrides) {
    try {
      tree = applyValue(tree, override, context);
      const origin = { kind: "override", text: override.text, index: override.index, total } as const;
      steps.push({ tree, origin, item: null });
    } catch (error) {
      if (error instanceof TtmErrors) faults.push(...error.errors);
      else if (error instanceof UserError) faults.push(error);
      else throw error;
    }
  }
  throwAll(faults);
  return tree;
}

/** The saved tree without what belonged to that one job. */
function savedTree({ config, hydra }: SavedConfig): MapNode {
  const missing = scalarNode("???", engineOrigin("not known yet"));
  const nothing = scalarNode(null, engineOrigin("not known yet"));
  let node = put(hydra, "mode", undefined, nothing);
  node = put(node, "runtime", "output_dir", missing);
  node = put(node, "job", "id", missing);
  node = put(node, "job", "num", missing);
  // The variables that were copied stand in `env_set`.
  node = put(node, "job", "env_copy", { kind: "list", items: [], origin: missing.origin });
  const typed = typedNode(node, hydraShape, "hydra", { unknownKeys: "keep" });
  return mapNode(new Map([["hydra", typed], ...config.entries]), config.origin);
}

function put(hydra: MapNode, section: string, key: string | undefined, value: Node): MapNode {
  if (key === undefined) return withEntry(hydra, section, value);
  const held = entry(hydra, section);
  const map = held?.kind === "map" ? held : mapNode(new Map(), hydra.origin);
  return withEntry(hydra, section, withEntry(map, key, value));
}

/** The group choices that a saved hydra node names. */
export function savedChoices(hydra: MapNode): ReadonlyMap<string, string | null> {
  const runtime = entry(hydra, "runtime");
  const choices = runtime?.kind === "map" ? entry(runtime, "choices") : undefined;
  if (choices?.kind !== "map") return new Map();
  return new Map(
    [...choices.entries].map(([key, node]): [string, string | null] => {
      const value = nodeValue(node);
      return [pythonStr(key), value === null ? null : pythonStr(value)];
    }),
  );
}

function configNameOf(hydra: MapNode): string | null {
  const job = entry(hydra, "job");
  const name = job?.kind === "map" ? entry(job, "config_name") : undefined;
  return name?.kind === "scalar" && typeof name.value === "string" ? name.value : null;
}

function choiceFault(
  override: Override,
  choices: ReadonlyMap<string, string | null>,
  saved: SavedConfig,
  total: number,
): TtmError[] {
  const { key, text, package: pkg } = override;
  if (!key.includes("/") && !choices.has(pkg === null ? key : `${key}@${pkg}`)) return [];
  const what = `'${key}' is a choice of the run, and its other options are not saved with it`;
  return [
    configError("CONFIG_SAVED_CHOICE", what, {
      where: overridePlace({ ...override, total }, override.keySpan),
      fix: `compose anew, with all words: ${[...saved.words, text].join(" ")}`,
    }),
  ];
}
