import { resolve } from "node:path";
import type { TtmError } from "../../core/index.ts";
import { TtmError as AnyTtmError, TtmErrors, throwAll } from "../../core/index.ts";
import { ConfigError, configError } from "../errors.ts";
import { isSweep, type Override, OverrideError, parseOverride } from "../grammar/index.ts";
import { Interpolator, type InterpolatorOptions } from "../interpolation/interpolator.ts";
import type { Resolver } from "../interpolation/resolver.ts";
import type { ContainerNode, MapNode, Node } from "../node.ts";
import { entry, mapNode, withEntry } from "../node.ts";
import { engineOrigin, type Origin, originText } from "../origin.ts";
import { applyValue, type ValueContext } from "./apply-value.ts";
import { checkSweeps, isHydraOverride } from "./check-sweeps.ts";
import { type Composition, makeComposition } from "./composition.ts";
import { type ConfigStore, storedConfigs } from "./config-store.ts";
import { checkList, type DefaultsListItem, flatten } from "./defaults-list.ts";
import { type DefaultsTree, DefaultsTreeBuilder } from "./defaults-tree.ts";
import { Draft } from "./draft.ts";
import { GroupOverrides } from "./group-overrides.ts";
import { fillHydraNode, type JobInfo } from "./hydra-node.ts";
import { hydraShape } from "./hydra-shape.ts";
import { merge, wrap } from "./merge.ts";
import { type ConfigSource, Repository } from "./repository.ts";
import { baseSources, searchPathSources } from "./search-path.ts";
import { StepLog } from "./step-log.ts";
import { typedNode } from "./typed-node.ts";
import { firstPart, isOfWord, type Unfinished, unsurePlaces } from "./unsure-places.ts";

export interface ComposeOptions {
  /** Absolute folder of the app's configs; null for none. */
  readonly configDir: string | null;
  /** The primary config, without `.yaml`; null for none. */
  readonly configName: string | null;
  /** Words, or parsed overrides: a sweep hands typed values on. */
  readonly overrides: readonly (string | Override)[];
  /** Further folders, as of `--config-dir`. */
  readonly configDirs?: readonly string[];
  /** Adds `hydra.mode=…` to the hydra overrides where no word does. Sweeps are allowed in a multirun only. */
  readonly mode?: "RUN" | "MULTIRUN";
  /** Leave out mandatory choices that nobody made. */
  readonly allowMissingChoices?: boolean;
  readonly job?: JobInfo;
  readonly now?: Date;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly resolvers?: Readonly<Record<string, Resolver>>;
  /** Folders with further options for the groups of the hydra node. */
  readonly builtinDirs?: readonly string[];
  /** Configs that the program registers, behind all folders. */
  readonly configStore?: ConfigStore;
}

/**
 * Composes a config from files and overrides, as Hydra 1.3 does.
 *
 * @throws {ConfigError} or {OverrideError} for one fault, `TtmErrors` for all that one go finds
 */
export function compose(options: ComposeOptions): Composition {
  return new Composer(options).compose();
}

class Composer {
  readonly #options: ComposeOptions;
  readonly #cwd: string;
  readonly #warnings: string[] = [];
  readonly #log = new StepLog();
  readonly #draft = new Draft();
  readonly #interpolation: InterpolatorOptions;

  constructor(options: ComposeOptions) {
    this.#options = options;
    this.#cwd = options.cwd ?? process.cwd();
    this.#interpolation = {
      env: options.env,
      now: options.now ?? new Date(),
      resolvers: options.resolvers,
      warn: (message) => this.#warnings.push(message),
    };
  }

  compose(): Composition {
    const faults: TtmError[] = [];
    const overrides = this.#parse(faults);
    const total = this.#options.overrides.length;
    faults.push(...checkSweeps(overrides, this.#options.mode === "MULTIRUN", total));
    const single = overrides.filter(({ value }) => value === null || !isSweep(value));
    const repository = this.#repository(single, faults);
    const groups = new GroupOverrides(single, repository, faults, total);
    const builder = this.#treeBuilder(repository, groups, faults);
    const trees = builder.build(this.#options.configName);
    const items = flatten(trees);
    // What the broken part of a list might have brought in is unknown: no complaints about what matches nothing.
    if (!faults.some(isStructural)) faults.push(...checkList(items, groups, builder, repository));
    if (faults.length > 0) {
      throwAll([...faults, ...this.#furtherFaults(faults, { items, groups, builder, repository })]);
    }
    const merged = this.#merge(items, repository);
    const changed = this.#applyValues(merged, groups, repository, faults);
    throwAll(faults);
    const all = fillHydraNode(changed, {
      job: this.#options.job ?? {},
      configName: this.#options.job?.configName ?? this.#options.configName,
      overrides,
      choices: builder.known,
      sources: repository.sources,
      cwd: this.#cwd,
      env: this.#options.env ?? process.env,
    });
    return this.#composition(all, { overrides, choices: builder.known, trees, items, repository });
  }

  #parse(faults: TtmError[]): Override[] {
    const { overrides, mode } = this.#options;
    const total = overrides.length;
    const parsed = overrides.flatMap((word, index) => {
      if (typeof word !== "string") return [word];
      try {
        return [parseOverride(word, index, { total })];
      } catch (error) {
        if (!(error instanceof OverrideError)) throw error;
        faults.push(error);
        return [];
      }
    });
    if (mode === undefined || parsed.some(({ key }) => key === "hydra.mode")) return parsed;
    return [...parsed, parseOverride(`hydra.mode=${mode}`, total)];
  }

  #repository(overrides: readonly Override[], faults: TtmError[]): Repository {
    const { configDir, configDirs = [], builtinDirs = [], configName } = this.#options;
    let sources: ConfigSource[];
    try {
      sources = baseSources({ configDir, configDirs, builtinDirs, cwd: this.#cwd });
    } catch (error) {
      if (error instanceof AnyTtmError) throwAll([...faults, error]);
      throw error;
    }
    const { configStore = {} } = this.#options;
    const stored = Object.keys(configStore).length === 0 ? [] : [storedSource(configStore)];
    const repository = new Repository([...sources, ...stored]);
    const primary = this.#primary(repository, configName, faults);
    try {
      const total = this.#options.overrides.length;
      const warn = (message: string) => this.#warnings.push(message);
      const interpolation = this.#interpolation;
      const folders = {
        cwd: this.#cwd,
        configDir: configDir === null ? null : resolve(this.#cwd, configDir),
      };
      const extra = searchPathSources({ primary, overrides, total, ...folders, interpolation, warn });
      return extra.length === 0 ? repository : new Repository([...sources, ...extra, ...stored]);
    } catch (error) {
      if (!(error instanceof AnyTtmError)) throw error;
      faults.push(error);
      return repository;
    }
  }

  /** The primary config's content; its faults are found again, and reported, when the tree is built. */
  #primary(repository: Repository, name: string | null, faults: TtmError[]): Node | undefined {
    if (name === null) return undefined;
    try {
      const node = repository.load(name)?.node;
      if (node === undefined || node.kind === "map") return node;
      const what = `the primary config '${name}' must be a map, not a list`;
      faults.push(
        configError("CONFIG_PRIMARY_NOT_MAP", what, {
          where: originText(node.origin),
          fix: "write 'key: value' lines",
        }),
      );
    } catch (error) {
      if (!(error instanceof AnyTtmError)) throw error;
    }
    return undefined;
  }

  #treeBuilder(repository: Repository, overrides: GroupOverrides, faults: TtmError[]): DefaultsTreeBuilder {
    const { allowMissingChoices = false, env, resolvers } = this.#options;
    return new DefaultsTreeBuilder({ repository, overrides, allowMissingChoices, env, resolvers, faults });
  }

  #merge(items: readonly DefaultsListItem[], repository: Repository): MapNode {
    let root: MapNode = mapNode(new Map(), engineOrigin("the engine"));
    const faults: TtmError[] = [];
    for (const item of items) {
      const { node, holdsMarkers } = repository.load(item.path) ?? {};
      if (node === undefined || node.kind === "scalar") continue;
      this.#checkSearchPath(item, node, faults);
      try {
        const layer = typedLayer(wrap(node, item.package));
        const options = {
          interpolator: (merged: ContainerNode) => new Interpolator(merged, this.#interpolation),
          markers: holdsMarkers === true,
        };
        const warn = (message: string) => this.#warnings.push(message);
        root = merge(root, layer, { ...options, draft: this.#draft, warn }) as MapNode;
        this.#log.add(node.origin, item, (tree) => merge(tree, layer, options) as MapNode);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        faults.push(error);
      }
    }
    throwAll(faults);
    return root;
  }

  /** `hydra.searchpath` is read from the primary config alone. */
  #checkSearchPath(item: DefaultsListItem, node: Node, faults: TtmError[]): void {
    if (item.path === this.#options.configName || item.path === "hydra/config" || item.package !== "") return;
    const hydra = node.kind === "map" ? entry(node, "hydra") : undefined;
    const path = hydra?.kind === "map" ? entry(hydra, "searchpath") : undefined;
    if (path === undefined) return;
    const what = `'${item.path}' sets hydra.searchpath, which only the primary config may`;
    faults.push(
      configError("CONFIG_SEARCH_PATH", what, {
        where: originText(path.origin),
        fix: "move it to the primary config",
      }),
    );
  }

  /**
   * What is wrong with the values' words beside faults of other words: what composes is enough to see it. Left out is what
   * may only follow from those faults.
   */
  #furtherFaults(faults: readonly TtmError[], made: Unfinished): TtmError[] {
    if (!faults.every(isOfWord)) return [];
    const unsure = unsurePlaces(made, this.#options.overrides);
    if (unsure === "all") return [];
    const sure = made.groups.values.filter(({ key }) => !unsure.has(firstPart(key)));
    const further: TtmError[] = [];
    try {
      const tree = this.#merge(made.items, made.repository);
      this.#applyValues(tree, { values: sure }, made.repository, further);
    } catch (error) {
      if (!(error instanceof AnyTtmError || error instanceof TtmErrors)) throw error;
    }
    return further;
  }

  #applyValues(
    root: MapNode,
    { values }: Pick<GroupOverrides, "values">,
    repository: Repository,
    faults: TtmError[],
  ): MapNode {
    const context: ValueContext = {
      total: this.#options.overrides.length,
      groups: () =>
        repository.allGroups().filter((group) => group !== "hydra" && !group.startsWith("hydra/")),
      groupOptions: (group) => repository.options(group),
      isGroup: (path) => repository.isGroup(path),
      interpolator: (tree) => new Interpolator(tree, this.#interpolation),
    };
    return values.reduce((tree, override) => {
      try {
        const changed = applyValue(tree, override, { ...context, draft: this.#draft });
        const origin = wordOrigin(override, context.total);
        this.#log.add(origin, null, (before) => applyValue(before, override, context));
        return changed;
      } catch (error) {
        if (error instanceof TtmErrors) faults.push(...error.errors);
        else if (error instanceof AnyTtmError) faults.push(error);
        else throw error;
        return tree;
      }
    }, root);
  }

  #composition(all: MapNode, made: Made): Composition {
    const { overrides, repository } = made;
    return makeComposition({
      all,
      interpolation: this.#interpolation,
      choices: made.choices,
      defaultsList: made.items,
      defaultsTrees: made.trees,
      searchPath: repository.sources,
      overrides: {
        hydra: overrides.filter(isHydraOverride).map(({ text }) => text),
        task: overrides.filter((override) => !isHydraOverride(override)).map(({ text }) => text),
      },
      steps: this.#log.steps,
      warnings: this.#warnings,
      groups: () => repository.allGroups(),
      groupOptions: (group) => repository.options(group),
    });
  }
}

interface Made {
  readonly overrides: readonly Override[];
  readonly choices: ReadonlyMap<string, string | null>;
  readonly trees: readonly DefaultsTree[];
  readonly items: readonly DefaultsListItem[];
  readonly repository: Repository;
}

/** A layer whose `hydra` node, if it has one, is as that node's shape wants it. */
function typedLayer(layer: ContainerNode): ContainerNode {
  const hydra = layer.kind === "map" ? entry(layer, "hydra") : undefined;
  if (layer.kind !== "map" || hydra === undefined) return layer;
  return withEntry(layer, "hydra", typedNode(hydra, hydraShape, "hydra", { unknownKeys: "refuse" }));
}

function storedSource(store: ConfigStore): ConfigSource {
  return { provider: "schema", path: "structured://", stored: storedConfigs(store) };
}

function wordOrigin({ text, index }: Override, total: number): Origin {
  return { kind: "override", text, index, total };
}

/** A fault in what the defaults list is made of. */
function isStructural(error: TtmError): boolean {
  const consequences = ["CONFIG_SWEEP_AMBIGUOUS", "CONFIG_SWEEP_NOT_MULTIRUN", "CONFIG_SWEEP_HYDRA"];
  return !(error instanceof OverrideError) && !consequences.includes(error.code);
}
