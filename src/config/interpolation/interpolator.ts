import { didYouMean } from "../../core/index.ts";
import type { ConfigErrorCode } from "../errors.ts";
import { ConfigError, configError } from "../errors.ts";
import type { PlainValue } from "../grammar/ast.ts";
import type { ContainerNode, Key, MapNode, Node, ScalarNode } from "../node.ts";
import {
  entry,
  isContainer,
  isInterpolation,
  isMissing,
  listNode,
  mapNode,
  nodeFromValue,
  nodeValue,
  scalarNode,
  setEntry,
} from "../node.ts";
import type { Origin } from "../origin.ts";
import { engineOrigin, originText } from "../origin.ts";
import { pythonStr } from "../python-text.ts";
import type { Argument, Interpolation, NodeReference, ResolverCall, TextPart } from "./ast.ts";
import { splitKeyPath } from "./key-path.ts";
import type { Location } from "./location.ts";
import { isSamePlace, isWithin, locationPath, rootLocation } from "./location.ts";
import { parseElement, parseInterpolation } from "./parse-interpolation.ts";
import type { Resolver, ResolverContext } from "./resolver.ts";
import { builtinResolvers } from "./resolvers.ts";

export interface InterpolatorOptions {
  /** The tree whose `hydra` node `${hydra:…}` reads; without it that resolver fails. */
  readonly hydra?: MapNode | undefined;
  /** Own resolvers beside the built-in ones; may replace them. */
  readonly resolvers?: Readonly<Record<string, Resolver>> | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** The clock of `${now:…}`. */
  readonly now?: Date | undefined;
  readonly warn?: ((message: string) => void) | undefined;
  /** Leaves `???` in a resolved tree in place of what depends on one; otherwise that fails. */
  readonly keepMissing?: boolean | undefined;
}

/** An argument of a resolver: as data, and as a part of the config. */
interface ArgumentValue {
  readonly value: PlainValue;
  readonly node: () => Node;
}

const DEEPEST = 200;

/**
 * How many values one read may visit, and how long a text it may make. Far beyond any config; references that double from key
 * to key reach them at once.
 */
const MOST_VISITED = 1_000_000;
/** Of these, interpolations: they cost more. Those whose answer is known are not counted. */
const MOST_EVALUATED = 200_000;
const LONGEST_TEXT = 10_000_000;

/** Faults of interpolations within a resolver's work: told as they are. Others are told as the resolver's. */
const ownCodes: ReadonlySet<ConfigErrorCode> = new Set([
  "CONFIG_INTERPOLATION_KEY",
  "CONFIG_INTERPOLATION_MISSING",
  "CONFIG_INTERPOLATION_FAILED",
  "CONFIG_UNKNOWN_RESOLVER",
]);

/**
 * Reads values of a tree lazily: an interpolation is evaluated when it is read, from the root it was made with, and
 * what nobody reads cannot fail.
 */
export class Interpolator {
  readonly root: Location;
  readonly #options: InterpolatorOptions;
  readonly #cache = new Map<string, PlainValue | Node>();
  readonly #active: Location[] = [];
  /** What interpolations were found to stand for, by their node; its place may be another, for files can repeat a node. */
  readonly #known = new Map<Node, { readonly at: Location; readonly value: Location }>();
  /** Containers that {@link resolveTree} is done with: from then on texts hold them as resolved. */
  readonly #settled = new Map<Node, { readonly at: Location; readonly node: Node }>();
  /** How many reads there were whose answer may be another the next time. */
  #passing = 0;
  /** Reads within reads, and what the outermost of them has visited. */
  #nested = 0;
  #visited = 0;
  #evaluated = 0;
  /** How many interpolations were read. */
  #read = 0;

  constructor(root: ContainerNode, options: InterpolatorOptions = {}) {
    this.root = rootLocation(root);
    this.#options = options;
  }

  /**
   * The value at a key path, interpolated; a container is returned as stored. Undefined where any part is absent or
   * the value is `???`.
   *
   * @throws {ConfigError} where an interpolation on the way fails
   */
  select(path: string, from: Location = this.root): Location | undefined {
    let at: Location = from;
    for (const part of splitKeyPath(path)) {
      const next = this.#child(this.resolve(at), part);
      if (next === undefined) return undefined;
      at = next;
    }
    const found = this.resolve(at);
    return isMissing(found.node) ? undefined : found;
  }

  /** As {@link select}, but a word as the index of a list is a fault. */
  selectStrictly(path: string, from: Location = this.root): Location | undefined {
    const parts = splitKeyPath(path);
    for (const [depth, part] of parts.entries()) {
      const container = depth === 0 ? this.resolve(from) : this.select(parts.slice(0, depth).join("."), from);
      if (container?.node.kind !== "list" || isIndex(part)) continue;
      throw this.#fail("CONFIG_INTERPOLATION_FAILED", `'${path}': a list has no '${part}'`, container);
    }
    return this.select(path, from);
  }

  /** What the node at a location stands for: itself, or the end of its chain of interpolations. */
  resolve(location: Location): Location {
    const { node } = location;
    if (!isInterpolation(node)) return location;
    this.#read++;
    const known = this.#known.get(node);
    if (known !== undefined && isSamePlace(known.at, location)) return known.value;
    this.#checkActive(location, node.value);
    const passing = this.#passing;
    this.#active.push(location);
    try {
      this.#evaluated++;
      const parts = parseInterpolation(node.value);
      const value = this.#counted(location, () => this.#evaluate(parts, location));
      // A reference alone is found again as fast.
      const isReference = parts.length === 1 && typeof parts[0] !== "string" && parts[0]?.kind === "node";
      if (!isReference && passing === this.#passing) this.#known.set(node, { at: location, value });
      return value;
    } finally {
      this.#active.pop();
    }
  }

  #checkActive(location: Location, text: string): void {
    const { node, parent } = location;
    if (this.#active.some((at) => at.node === node && at.parent?.node === parent?.node)) {
      throw this.#fail("CONFIG_INTERPOLATION_FAILED", `'${text}' refers to itself`, location);
    }
    if (this.#active.length <= DEEPEST) return;
    const what = `'${text}' is at the end of ${DEEPEST} interpolations that each refer to the next`;
    throw this.#fail("CONFIG_INTERPOLATION_FAILED", what, location, {
      fix: "refer to the last value directly",
    });
  }

  /** One visit more; the outermost read starts the count. */
  #counted<Result>(location: Location, read: () => Result): Result {
    if (this.#nested === 0) [this.#visited, this.#evaluated] = [0, 0];
    if (++this.#visited > MOST_VISITED || this.#evaluated > MOST_EVALUATED) {
      throw this.#fail(
        "CONFIG_INTERPOLATION_FAILED",
        "the interpolations multiply beyond all measure",
        location,
        {
          fix: "refer to fewer values",
        },
      );
    }
    this.#nested++;
    try {
      return read();
    } finally {
      this.#nested--;
    }
  }

  /** A copy of the tree below a location in which nothing is left to interpolate. `???` stays. */
  resolveTree(location: Location = this.root, depth = 0): Node {
    return this.#counted(location, () => this.#resolvedTree(location, depth));
  }

  #resolvedTree(location: Location, depth: number): Node {
    if (depth > DEEPEST) throw this.#fail("CONFIG_INTERPOLATION_FAILED", "the config holds itself", location);
    const at = this.#resolveOrKeep(location);
    const { node } = at;
    if (node.kind === "scalar") return settled(node, location.node.origin);
    const before = this.#read;
    const resolved = this.#resolvedContainer(at, node, depth);
    // Hydra resolves in place and in order: a text that holds this container later holds it as it is then.
    if (at === location && before !== this.#read) this.#settled.set(node, { at, node: resolved });
    return resolved;
  }

  #resolvedContainer(at: Location, node: ContainerNode, depth: number): ContainerNode {
    if (node.kind === "list") {
      const items = node.items.map((item, index) => {
        return this.resolveTree({ node: item, parent: at, key: BigInt(index) }, depth + 1);
      });
      return listNode(items, node.origin);
    }
    const entries = new Map<Key, Node>();
    for (const [key, item] of node.entries) {
      setEntry(entries, key, this.resolveTree({ node: item, parent: at, key }, depth + 1));
    }
    return mapNode(entries, node.origin);
  }

  #resolveOrKeep(location: Location): Location {
    try {
      return this.resolve(location);
    } catch (error) {
      const missing = error instanceof ConfigError && error.code === "CONFIG_INTERPOLATION_MISSING";
      if (!missing || !this.#options.keepMissing) throw error;
      return { ...location, node: scalarNode("???", location.node.origin) };
    }
  }

  /** Text read as one argument of a resolver: typed, with lists and dicts. */
  decode(text: string, location: Location): Node {
    return this.#argument(parseElement(text, originText(location.node.origin)), location).node();
  }

  /** The same clock, environment and resolvers over another tree. */
  withRoot(root: ContainerNode): Interpolator {
    return new Interpolator(root, this.#options);
  }

  #evaluate(parts: readonly TextPart[], location: Location): Location {
    const [only] = parts;
    if (parts.length === 1 && only !== undefined && typeof only !== "string") {
      return this.#interpolation(only, location);
    }
    return this.#made(this.#joined(parts, location), location);
  }

  #joined(parts: readonly TextPart[], location: Location): string {
    let text = "";
    for (const part of parts) {
      text +=
        typeof part === "string" ? part : pythonStr(this.#valueNow(this.#interpolation(part, location)));
      if (text.length <= LONGEST_TEXT) continue;
      const what = `the interpolations make a text of more than ${LONGEST_TEXT} characters`;
      throw this.#fail("CONFIG_INTERPOLATION_FAILED", what, location, { fix: "refer to fewer values" });
    }
    return text;
  }

  /** Data as it is at this point of a {@link resolveTree}. */
  #valueNow(location: Location): PlainValue {
    const { node } = location;
    if (node.kind === "scalar") return nodeValue(node);
    this.#passing++;
    const settled = this.#settled.get(node);
    return nodeValue(settled !== undefined && isSamePlace(settled.at, location) ? settled.node : node);
  }

  #interpolation(interpolation: Interpolation, location: Location): Location {
    return interpolation.kind === "node"
      ? this.#reference(interpolation, location)
      : this.#call(interpolation, location);
  }

  #reference(reference: NodeReference, location: Location): Location {
    let at = this.#base(reference, location);
    const keys = reference.keys.map((key) => (typeof key === "string" ? key : this.#keyText(key, location)));
    for (const key of keys) at = this.#step(at, key, reference, location);
    if (isMissing(at.node)) throw this.#missing(reference, at, location);
    const found = this.resolve(at);
    if (isMissing(found.node)) throw this.#missing(reference, found, location);
    if (isContainer(found.node) && isWithin(location, found.node)) {
      throw this.#fail(
        "CONFIG_INTERPOLATION_FAILED",
        `'${reference.text}' refers to a container of itself`,
        location,
      );
    }
    return found;
  }

  #base(reference: NodeReference, location: Location): Location {
    if (reference.up === 0) return this.root;
    let at: Location | null = location;
    for (let level = 0; level < reference.up && at !== null; level++) at = at.parent;
    if (at !== null) return at;
    throw this.#fail("CONFIG_INTERPOLATION_KEY", `'${reference.text}' goes above the root`, location, {
      fix: "take dots away",
    });
  }

  #keyText(key: Interpolation, location: Location): string {
    const { node } = this.#interpolation(key, location);
    if (node.kind === "scalar" && typeof node.value === "string") return node.value;
    throw this.#fail(
      "CONFIG_INTERPOLATION_FAILED",
      `'${key.text}' stands for a key, but is no text`,
      location,
    );
  }

  #step(at: Location, key: string, reference: NodeReference, location: Location): Location {
    if (isMissing(at.node)) throw this.#missing(reference, at, location);
    const container = this.resolve(at);
    if (isMissing(container.node)) throw this.#missing(reference, container, location);
    if (container.node.kind === "scalar") {
      const what = `'${reference.text}': '${locationPath(at)}' is a value and holds no '${key}'`;
      throw this.#fail("CONFIG_INTERPOLATION_FAILED", what, location);
    }
    if (container.node.kind === "list" && !isIndex(key)) {
      throw this.#fail(
        "CONFIG_INTERPOLATION_FAILED",
        `'${reference.text}': a list has no '${key}'`,
        location,
        {
          fix: `use a number below ${container.node.items.length}`,
        },
      );
    }
    const next = this.#child(container, key);
    if (next !== undefined) return next;
    throw this.#fail(
      "CONFIG_INTERPOLATION_KEY",
      `'${reference.text}' refers to no key: '${key}' is absent`,
      location,
      {
        fix: absentFix(container, key, reference),
      },
    );
  }

  #child(container: Location, key: string): Location | undefined {
    const { node } = container;
    if (node.kind === "scalar") return undefined;
    if (node.kind === "map") {
      const child = entry(node, key);
      return child && { node: child, parent: container, key };
    }
    const child = /^[0-9]+$/.test(key) ? node.items[Number(key)] : undefined;
    return child && { node: child, parent: container, key: BigInt(key) };
  }

  #call(call: ResolverCall, location: Location): Location {
    const name = call.name
      .map((part) => (typeof part === "string" ? part : this.#keyText(part, location)))
      .join(".");
    const args = call.args.map((argument) => this.#argument(argument, location));
    const resolver = this.#resolver(name, call, location);
    try {
      return this.#made(this.#run(name, resolver, args, call, location), location);
    } catch (cause) {
      if (cause instanceof ConfigError && ownCodes.has(cause.code)) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      const fix = cause instanceof ConfigError ? cause.fix : undefined;
      throw this.#fail("CONFIG_INTERPOLATION_FAILED", `'${call.text}' failed: ${reason}`, location, {
        fix,
        cause,
      });
    }
  }

  #resolver(name: string, call: ResolverCall, location: Location): Resolver {
    const own = this.#options.resolvers;
    const resolver = own && Object.hasOwn(own, name) ? own[name] : builtinResolvers.get(name);
    if (resolver !== undefined) return resolver;
    if (name === "python_version") {
      throw this.#fail(
        "CONFIG_UNKNOWN_RESOLVER",
        `'${call.text}' asks for a version of Python, and there is none here`,
        location,
        {
          fix: "write the version itself, or take the line out",
        },
      );
    }
    const known = [...builtinResolvers.keys(), ...Object.keys(own ?? {})];
    throw this.#fail(
      "CONFIG_UNKNOWN_RESOLVER",
      `'${call.text}' calls an unknown resolver '${name}'`,
      location,
      {
        fix: didYouMean(name, known) ?? `the resolvers are: ${known.join(", ")}`,
      },
    );
  }

  #run(
    name: string,
    resolver: Resolver,
    args: readonly ArgumentValue[],
    call: ResolverCall,
    location: Location,
  ): PlainValue | Node | Location {
    const values = args.map(({ value }) => value);
    if (!resolver.cached && !resolver.lasting) this.#passing++;
    if (!resolver.cached) return resolver(values, this.#context(args, location));
    const key = `${name}:${call.text}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const value = resolver(values, this.#context(args, location));
    if (!isLocation(value)) this.#cache.set(key, value);
    return value;
  }

  #context(args: readonly ArgumentValue[], location: Location): ResolverContext {
    const { hydra, env, now, warn } = this.#options;
    return {
      interpolator: this,
      nodes: () => args.map(({ node }) => node()),
      location,
      hydra,
      env: env ?? process.env,
      now: now ?? new Date(),
      warn: warn ?? (() => undefined),
    };
  }

  #argument(argument: Argument, location: Location): ArgumentValue {
    const { origin } = location.node;
    switch (argument.kind) {
      case "value":
        return { value: argument.value, node: () => scalarNode(argument.value, origin) };
      case "text": {
        if (argument.quoted) {
          const value = this.#joined(argument.parts, location);
          return { value, node: () => scalarNode(value, origin) };
        }
        const found = this.#evaluate(argument.parts, location);
        return { value: this.#valueNow(found), node: () => found.node };
      }
      case "list": {
        const items = argument.items.map((item) => this.#argument(item, location));
        return {
          value: items.map(({ value }) => value),
          node: () =>
            listNode(
              items.map(({ node }) => node()),
              origin,
            ),
        };
      }
      case "dict":
        return this.#dict(argument, location);
    }
  }

  /** As data it may have a null key, as part of the config not. */
  #dict({ entries }: Argument & { kind: "dict" }, location: Location): ArgumentValue {
    const made = entries.map(({ key, value }) => ({ key, ...this.#argument(value, location) }));
    const values = new Map<Key | null, PlainValue>();
    for (const { key, value } of made) {
      if (key === null) values.set(key, value);
      else setEntry(values as Map<Key, PlainValue>, key, value);
    }
    const node = () => {
      const nodes = new Map<Key, Node>();
      for (const item of made) {
        if (item.key === null)
          throw this.#fail("CONFIG_INTERPOLATION_FAILED", "null cannot be a key", location);
        setEntry(nodes, item.key, item.node());
      }
      return mapNode(nodes, location.node.origin);
    };
    return { value: values, node };
  }

  /** A result's place: that of the value that asked for it. */
  #made(value: PlainValue | Node | Location, location: Location): Location {
    if (isLocation(value)) return this.resolve(value);
    const node = isNode(value)
      ? value
      : nodeFromValue(value, engineOrigin(originText(location.node.origin)), true);
    return { node, parent: location.parent, key: location.key };
  }

  #missing(reference: NodeReference, target: Location, location: Location): ConfigError {
    const path = locationPath(target);
    return this.#fail(
      "CONFIG_INTERPOLATION_MISSING",
      `'${reference.text}' needs '${path}', which has no value yet`,
      location,
      {
        fix: `give it one: ${path}=VALUE`,
      },
    );
  }

  #fail(
    code: ConfigErrorCode,
    what: string,
    location: Location,
    more: { fix?: string | undefined; cause?: unknown } = {},
  ): ConfigError {
    const path = locationPath(location);
    const where =
      path === "" ? originText(location.node.origin) : `${originText(location.node.origin)} (${path})`;
    return configError(code, what, { where, ...more });
  }
}

function isIndex(key: string): boolean {
  return /^[+-]?[0-9]+$/.test(key);
}

function absentFix(container: Location, key: string, reference: NodeReference): string {
  const keys = container.node.kind === "map" ? [...container.node.entries.keys()].map(String) : [];
  const near = didYouMean(key, keys);
  if (near !== undefined) return near;
  const path = locationPath(container);
  if (container.node.kind === "list") return `'${path}' has ${container.node.items.length} items`;
  const place = path === "" ? "the root" : `'${path}'`;
  const relative = reference.up === 0 ? "; a path without leading dots starts at the root" : "";
  return `${place} has: ${keys.slice(0, 12).join(", ") || "nothing"}${relative}`;
}

/** The value where it was asked for. Text with `${` was escaped, or is data: it must not be read again. */
function settled(node: ScalarNode, origin: Origin): ScalarNode {
  const { value } = node;
  if (typeof value === "string" && value.includes("${"))
    return { kind: "scalar", value, origin, literal: true };
  return scalarNode(value, origin);
}

function isLocation(value: PlainValue | Node | Location): value is Location {
  return typeof value === "object" && value !== null && "node" in value;
}

function isNode(value: PlainValue | Node): value is Node {
  return typeof value === "object" && value !== null && "kind" in value;
}
