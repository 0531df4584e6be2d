import { didYouMean } from "../core/index.ts";
import type { Composition } from "./compose/composition.ts";
import { type ConfigErrorCode, configError } from "./errors.ts";
import type { MapNode, Node } from "./node.ts";
import { entry, isMissing } from "./node.ts";
import { originText } from "./origin.ts";
import { toPlain } from "./to-plain.ts";

/** The keyword arguments of a construction: ints are numbers, maps are objects, nested `_target_`s are built. */
export type TargetSettings = Readonly<Record<string, unknown>>;

/** Builds the thing that a `_target_` names, from its settings and, after them, the `_args_`. */
export type TargetFactory = (settings: TargetSettings, ...args: readonly unknown[]) => unknown;

/** Names that a `_target_` may give. Nothing else can be built: a config never loads code. */
export type TargetRegistry = Readonly<Record<string, TargetFactory>>;

/** Arguments of the place that asks for the construction: they replace those of the config. */
export interface CallSite {
  readonly args?: readonly unknown[];
  readonly settings?: TargetSettings;
}

/**
 * Builds what a part of the config describes, as Hydra's `instantiate` does, by registered names alone.
 *
 * `_target_` names the factory, `_args_` are positional, `_recursive_: false` leaves nested targets as data,
 * `_partial_: true` gives a function of further settings. Data without a `_target_` comes back as data, with what is
 * nested in it built. `_convert_` is accepted and changes nothing: factories always get plain data.
 *
 * @param key  a key path such as `optimizer`; "" is the whole config
 * @throws {ConfigError} CONFIG_UNKNOWN_KEY, CONFIG_UNKNOWN_TARGET, CONFIG_TARGET_ARGUMENT, CONFIG_TARGET_FAILED,
 *   CONFIG_MISSING_VALUE, each with the file and line (or override word) that gave it
 */
export function instantiate(
  composition: Composition,
  key: string,
  registry: TargetRegistry,
  callSite: CallSite = {},
): unknown {
  const node = key === "" ? composition.interpolator().resolveTree() : composition.read(key, true);
  if (node === undefined) {
    throw configError("CONFIG_UNKNOWN_KEY", `there is nothing to build at '${key}'`, {
      fix: didYouMean(key, [...composition.config.entries.keys()].map(String)),
    });
  }
  return new Builder(registry).build({ node, key, recursive: true, callSite });
}

interface Place {
  readonly node: Node;
  readonly key: string;
  readonly recursive: boolean;
  readonly callSite?: CallSite;
}

const reserved = ["_target_", "_args_", "_recursive_", "_partial_", "_convert_"];

class Builder {
  readonly #registry: TargetRegistry;

  constructor(registry: TargetRegistry) {
    this.#registry = registry;
  }

  build(place: Place): unknown {
    const { node, key } = place;
    if (isMissing(node)) throw fault(place, "CONFIG_MISSING_VALUE", `'${key}' has no value`, `${key}=VALUE`);
    if (node.kind === "scalar") return toPlain(node);
    const recursive =
      node.kind === "map" ? flag(place, node, "_recursive_", place.recursive) : place.recursive;
    if (node.kind === "list")
      return node.items.map((item, index) => this.#inner(item, `${key}[${index}]`, recursive));
    if (entry(node, "_target_") !== undefined) return this.#call({ ...place, node, recursive });
    return this.#settings(node, key, recursive, false);
  }

  #inner(node: Node, key: string, recursive: boolean): unknown {
    return recursive ? this.build({ node, key, recursive }) : toPlain(node);
  }

  #settings(node: MapNode, key: string, recursive: boolean, skipMissing: boolean): Record<string, unknown> {
    const settings: Record<string, unknown> = {};
    for (const [name, item] of node.entries) {
      const text = String(name);
      if (reserved.includes(text) || (skipMissing && isMissing(item))) continue;
      const value = this.#inner(item, key === "" ? text : `${key}.${text}`, recursive);
      Object.defineProperty(settings, text, { value, enumerable: true, writable: true, configurable: true });
    }
    return settings;
  }

  #call(place: Place & { readonly node: MapNode }): unknown {
    const { node, key, recursive, callSite = {} } = place;
    const { name, factory } = this.#factory(place);
    const partial = flag(place, node, "_partial_", false);
    const own = this.#settings(node, key, recursive, partial);
    const args = callSite.args ?? this.#arguments(place);
    const make = (more: TargetSettings = {}, ...moreArgs: readonly unknown[]) => {
      try {
        return factory({ ...own, ...callSite.settings, ...more }, ...args, ...moreArgs);
      } catch (cause) {
        const what = `'${name}' could not be built: ${cause instanceof Error ? cause.message : String(cause)}`;
        throw fault(place, "CONFIG_TARGET_FAILED", what, `correct what stands at '${key}'`, cause);
      }
    };
    return partial ? make : make();
  }

  #factory(place: Place & { readonly node: MapNode }): { name: string; factory: TargetFactory } {
    const target = entry(place.node, "_target_") as Node;
    const name = target.kind === "scalar" ? target.value : undefined;
    const at = { ...place, node: target };
    if (typeof name !== "string")
      throw fault(
        at,
        "CONFIG_TARGET_ARGUMENT",
        `'${place.key}._target_' is not a name`,
        "write a registered name",
      );
    const factory = Object.hasOwn(this.#registry, name) ? this.#registry[name] : undefined;
    if (factory !== undefined) return { name, factory };
    const names = Object.keys(this.#registry);
    const fix = [didYouMean(name, names), `there are: ${names.join(", ") || "none"}`]
      .filter(Boolean)
      .join(" ");
    throw fault(at, "CONFIG_UNKNOWN_TARGET", `nothing is registered as '${name}'`, fix);
  }

  #arguments({ node, key, recursive }: Place & { readonly node: MapNode }): readonly unknown[] {
    const list = entry(node, "_args_");
    if (list === undefined) return [];
    if (list.kind !== "list") {
      const at = { node: list, key, recursive };
      throw fault(
        at,
        "CONFIG_TARGET_ARGUMENT",
        `'${key}._args_' is not a list`,
        "write _args_: [first, second]",
      );
    }
    return list.items.map((item, index) => this.#inner(item, `${key}._args_[${index}]`, recursive));
  }
}

function flag(place: Place, node: MapNode, name: string, otherwise: boolean): boolean {
  const held = entry(node, name);
  if (held === undefined) return otherwise;
  if (held.kind === "scalar" && typeof held.value === "boolean") return held.value;
  const key = place.key === "" ? name : `${place.key}.${name}`;
  throw fault(
    { ...place, node: held },
    "CONFIG_TARGET_ARGUMENT",
    `'${key}' is not true or false`,
    `${key}=true`,
  );
}

function fault({ node }: Place, code: ConfigErrorCode, what: string, fix: string, cause?: unknown) {
  return configError(code, what, { where: originText(node.origin), fix, cause });
}
