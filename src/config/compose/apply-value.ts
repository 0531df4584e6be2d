import { closestNames, didYouMean } from "../../core/index.ts";
import type { ConfigErrorCode } from "../errors.ts";
import { ConfigError, configError } from "../errors.ts";
import {
  type Element,
  elementValue,
  type ListEdit,
  type Override,
  overridePlace,
  type PlainValue,
  type Span,
} from "../grammar/index.ts";
import type { Interpolator } from "../interpolation/interpolator.ts";
import { locationKeys } from "../interpolation/location.ts";
import { checkInterpolation } from "../interpolation/parse-interpolation.ts";
import type { ContainerNode, Key, MapNode, Node } from "../node.ts";
import {
  entry,
  isContainer,
  isInterpolation,
  isMissing,
  isNull,
  listNode,
  mapNode,
  nodeFromValue,
  nodeValue,
  withEntry,
  withItem,
  withoutEntry,
} from "../node.ts";
import type { OverrideOrigin } from "../origin.ts";
import { originText } from "../origin.ts";
import { pythonRepr, pythonStr } from "../python-text.ts";
import type { Draft } from "./draft.ts";
import { editList, ListFault } from "./edit-list.ts";
import { hydraShape, shapeAt } from "./hydra-shape.ts";
import { merge } from "./merge.ts";
import { typedNode } from "./typed-node.ts";
import { valuesEqual } from "./values-equal.ts";

const MOST_LISTED = 20;

/** The container without an entry, or without the item of that index. */
function withoutKey(node: Node, key: string): Node {
  if (node.kind === "map") return withoutEntry(node, key);
  return node.kind === "list" ? listNode(node.items.toSpliced(Number(key), 1), node.origin) : node;
}

/** What value overrides need to know beside the tree. */
export interface ValueContext {
  /** How many words there are. */
  readonly total: number;
  readonly groups: () => readonly string[];
  readonly groupOptions: (group: string) => readonly string[];
  readonly isGroup: (path: string) => boolean;
  readonly interpolator: (root: MapNode) => Interpolator;
  /** Whose maps of the tree are written to in place; without it the tree stays as it is. */
  readonly draft?: Draft | undefined;
}

/**
 * The tree with one value override applied: `k=v` changes, `+k=v` adds, `++k=v` does either, `~k` deletes.
 *
 * @throws {ConfigError} CONFIG_UNKNOWN_KEY, CONFIG_KEY_EXISTS, CONFIG_DELETE, CONFIG_SET, … naming the word
 */
export function applyValue(root: MapNode, override: Override, context: ValueContext): MapNode {
  return new ValueChange(root, override, context).apply();
}

class ValueChange {
  readonly #root: MapNode;
  readonly #override: Override;
  readonly #context: ValueContext;
  readonly #origin: OverrideOrigin;
  readonly #path: readonly string[];

  constructor(root: MapNode, override: Override, context: ValueContext) {
    this.#root = root;
    this.#override = override;
    this.#context = context;
    this.#origin = { kind: "override", text: override.text, index: override.index, total: context.total };
    this.#path = override.key.split(".");
  }

  apply(): MapNode {
    const { key, kind, package: pkg } = this.#override;
    if (pkg !== null) throw this.#noGroup(key);
    if (kind === "delete") return this.#delete();
    if (this.#override.value?.kind === "edit") return this.#changed(this.#edited(this.#override.value));
    const value = this.#value();
    if (kind === "add" && !isContainer(value)) this.#refuseExisting();
    return this.#changed(value);
  }

  #changed(value: Node): MapNode {
    const changed = this.#set(this.#root, 0, value, this.#context.draft) as MapNode;
    return this.#path[0] === "hydra" ? this.#typed(changed) : changed;
  }

  /** The hydra node has types; a new key in it is the user's own. */
  #typed(root: MapNode): MapNode {
    const hydra = entry(root, "hydra");
    if (hydra === undefined) return root;
    try {
      return withEntry(root, "hydra", typedNode(hydra, hydraShape, "hydra", { unknownKeys: "keep" }));
    } catch (cause) {
      if (!(cause instanceof ConfigError)) throw cause;
      throw this.#fault("CONFIG_SET", cause.message, "value", cause.fix, cause);
    }
  }

  #value(): Node {
    const { value } = this.#override;
    const plain = value === null ? null : elementValue(value);
    this.#checkValue(plain);
    return nodeFromValue(plain, this.#origin);
  }

  /** The list at the key with the change made. `+key=append(x)` starts one where there is none. */
  #edited({ edit, at, items }: ListEdit): Node {
    const { key, kind } = this.#override;
    const before = this.#context.interpolator(this.#root).select(key)?.node;
    const added = items.map((item) => this.#itemNode(item));
    if (before?.kind !== "list" && (kind === "change" || (before !== undefined && !isNull(before)))) {
      const what = before === undefined ? `there is no list at '${key}'` : `'${key}' is no list`;
      throw this.#fault("CONFIG_SET", what, "key", this.#listFix(before, added));
    }
    const present = before?.kind === "list" ? before.items : [];
    try {
      return listNode(
        editList(present, { edit, at: at === null ? null : Number(at), items: added }),
        this.#origin,
      );
    } catch (cause) {
      if (!(cause instanceof ListFault)) throw cause;
      throw this.#fault("CONFIG_SET", `${cause.message} ('${key}')`, "value", cause.fix, cause);
    }
  }

  #itemNode(item: Element): Node {
    const value = elementValue(item);
    this.#checkValue(value);
    return nodeFromValue(value, this.#origin);
  }

  #listFix(before: Node | undefined, items: readonly Node[]): string {
    const { key, text } = this.#override;
    const whole = `${key}=${pythonRepr(items.map(nodeValue)).replaceAll(", ", ",")}`;
    const known = this.#near();
    if (before !== undefined) {
      return `give the whole list: ${whole}${isNull(before) ? `, or start one: +${text}` : ""}`;
    }
    return `${known === undefined ? "" : `${known}; `}to start the list: +${text}`;
  }

  #checkValue(value: PlainValue): void {
    if (typeof value === "string" && value.includes("${")) {
      checkInterpolation(
        value,
        overridePlace({ ...this.#override, total: this.#context.total }, this.#override.valueSpan),
      );
    }
    if (Array.isArray(value)) for (const item of value) this.#checkValue(item);
    if (!(value instanceof Map)) return;
    for (const [key, item] of value) {
      if (key === null)
        throw this.#fault("CONFIG_SET", "null cannot be a key", "value", "use text as the key");
      this.#checkValue(item);
    }
  }

  #refuseExisting(): void {
    const { key, text } = this.#override;
    const present = this.#context.interpolator(this.#root).select(key);
    if (present === undefined || isNull(present.node)) return;
    throw this.#fault(
      "CONFIG_KEY_EXISTS",
      `'${key}' is there already, from ${originText(present.node.origin)}`,
      "key",
      `change it with '${text.slice(1)}', or write '+${text}' to add or change`,
    );
  }

  /** @param draft  none within a list: its items can be in two lists */
  #set(node: ContainerNode, depth: number, value: Node, draft: Draft | undefined): ContainerNode {
    const part = this.#path[depth] ?? "";
    const last = depth === this.#path.length - 1;
    const adds = this.#override.kind !== "change";
    if (node.kind === "list") {
      const index = this.#index(node.items.length, part, depth);
      const before = node.items[index] as Node;
      return withItem(
        node,
        index,
        last ? this.#replaced(before, value, undefined) : this.#below(before, depth, value, undefined),
      );
    }
    const before = entry(node, part);
    if (before === undefined && !adds) throw this.#unknownKey(node, depth);
    const next = last
      ? before === undefined
        ? value
        : this.#replaced(before, value, draft)
      : this.#below(before ?? mapNode(new Map(), this.#origin), depth, value, draft);
    return draft?.withEntry(node, part, next) ?? withEntry(node, part, next);
  }

  #below(before: Node, depth: number, value: Node, draft: Draft | undefined): Node {
    if (isContainer(before)) return this.#set(before, depth + 1, value, draft);
    const empty = mapNode(new Map(), this.#origin);
    if (this.#override.kind === "change") throw this.#notAContainer(before, depth);
    return this.#set(empty, depth + 1, value, draft);
  }

  /** Containers merge; everything else is replaced. */
  #replaced(before: Node, value: Node, draft: Draft | undefined): Node {
    if (!isContainer(before) || !isContainer(value)) return value;
    const struct = this.#override.kind === "change";
    try {
      return merge(before, value, { draft, struct, interpolator: (merged) => this.#reader(merged) });
    } catch (cause) {
      if (!(cause instanceof ConfigError)) throw cause;
      if (cause.code !== "CONFIG_MERGE_KEY")
        throw this.#fault("CONFIG_SET", cause.message, "value", cause.fix, cause);
      const what = `${cause.message} (below '${this.#override.key}')`;
      throw this.#fault("CONFIG_UNKNOWN_KEY", what, "value", `add it with '+${this.#override.text}'`, cause);
    }
  }

  /** Reads the tree with a container in the place of the one at the key. */
  #reader(container: ContainerNode): Interpolator {
    return this.#context.interpolator(this.#put(this.#root, this.#path, container) as MapNode);
  }

  #index(length: number, part: string, depth: number): number {
    const path = this.#path.slice(0, depth).join(".");
    if (!/^[0-9]+$/.test(part)) {
      throw this.#fault(
        "CONFIG_SET",
        `'${path}' is a list; '${part}' is no index of it`,
        "key",
        `its items are ${path}.0 to ${path}.${length - 1}`,
      );
    }
    if (Number(part) < length) return Number(part);
    const fix = `give the whole list: ${path}=[…]`;
    throw this.#fault("CONFIG_SET", `'${path}' has ${length} items, none at ${part}`, "key", fix);
  }

  #delete(): MapNode {
    const { key, value } = this.#override;
    const reader = this.#context.interpolator(this.#root);
    const present = reader.select(key);
    if (present === undefined || isNull(present.node)) {
      throw this.#fault(
        "CONFIG_DELETE",
        `there is no value at '${key}' to delete`,
        "key",
        this.#near() ?? `take the word out; --cfg job shows what is there`,
      );
    }
    this.#refuseFixed();
    if (value !== null) this.#compare(present.node, elementValue(value));
    // Where the path leads through an interpolation, the key goes from the map that is referred to.
    const container = reader.select(this.#path.slice(0, -1).join(".")) ?? reader.root;
    const lean = withoutKey(container.node, this.#path.at(-1) ?? "");
    return this.#put(this.#root, locationKeys(container), lean) as MapNode;
  }

  /** The engine's own keys are always there. */
  #refuseFixed(): void {
    const [first, ...keys] = this.#path;
    const shape = first === "hydra" && keys.length > 0 ? shapeAt(keys.slice(0, -1)) : undefined;
    if (typeof shape !== "object" || !("fields" in shape)) return;
    const { key } = this.#override;
    const group = keys.length === 1 && this.#context.isGroup(`hydra/${keys[0]}`);
    const fix = group ? `leave its group out: ~hydra/${keys[0]}` : `give it another value: ${key}=VALUE`;
    throw this.#fault("CONFIG_DELETE", `'${key}' belongs to the engine and cannot be taken out`, "key", fix);
  }

  /** Writes a container back at its own path. */
  #put(node: Node, [key, ...rest]: readonly Key[], value: Node): Node {
    if (key === undefined) return value;
    if (node.kind === "scalar") return value;
    if (node.kind === "map") return withEntry(node, key, this.#put(entry(node, key) ?? value, rest, value));
    const index = Number(key);
    return withItem(node, index, this.#put(node.items[index] ?? value, rest, value));
  }

  #compare(node: Node, wanted: PlainValue): void {
    if (wanted === null) return;
    const interpolator = this.#context.interpolator(this.#root);
    const found = interpolator.select(this.#override.key);
    const actual = nodeValue(found === undefined ? node : interpolator.resolveTree(found));
    if (valuesEqual(actual, wanted)) return;
    const what = `'${this.#override.key}' is ${pythonRepr(actual)}, not ${pythonRepr(wanted)}`;
    throw this.#fault("CONFIG_DELETE", what, "value", `delete it whatever its value: ~${this.#override.key}`);
  }

  #unknownKey(node: MapNode, depth: number): ConfigError {
    const known = [...node.entries.keys()].map(String);
    const group = this.#nearGroup(known);
    if (group !== undefined) return this.#unknownGroup(group);
    const place = depth === 0 ? "the config" : `'${this.#path.slice(0, depth).join(".")}'`;
    const what = `${place} has no key '${this.#path[depth]}'`;
    const near = didYouMean(this.#path[depth] ?? "", known);
    const keys = `the keys are: ${known.slice(0, MOST_LISTED).join(", ") || "none"}`;
    return this.#fault(
      "CONFIG_UNKNOWN_KEY",
      what,
      depth,
      `${near ?? keys}; to add it: +${this.#override.text}`,
    );
  }

  /** The group that a bare `name=name` may have meant, where no key of the config is as near. */
  #nearGroup(known: readonly string[]): string | undefined {
    const { key, value } = this.#override;
    if (this.#path.length > 1 || value?.kind !== "scalar" || typeof value.value !== "string")
      return undefined;
    const groups = this.#context.groups();
    const [group] = closestNames(key, groups, 1);
    const others = known.filter((name) => !groups.includes(name));
    return closestNames(key, others).length === 0 ? group : undefined;
  }

  #unknownGroup(near: string): ConfigError {
    const offers = this.#context.groupOptions(near).join(", ");
    const what = `no config group '${this.#override.key}'`;
    return this.#fault("CONFIG_UNKNOWN_GROUP", what, "key", `did you mean '${near}'? it offers: ${offers}`);
  }

  #notAContainer(before: Node, depth: number): ConfigError {
    const path = this.#path.slice(0, depth + 1).join(".");
    const shown =
      before.kind === "scalar" && !(before.value instanceof Uint8Array) ? pythonStr(before.value) : "a value";
    const linked = isInterpolation(before) ? "; change what it refers to" : "";
    const missing = isMissing(before) ? `; give it a map: ${path}={…}` : "";
    const what = `'${path}' is ${shown} and has no keys`;
    const fix = `to put a map in its place: +${this.#override.text}${linked}${missing}`;
    return this.#fault("CONFIG_UNKNOWN_KEY", what, "key", fix);
  }

  #noGroup(key: string): ConfigError {
    const near = didYouMean(key, this.#context.groups());
    const what = `only a group takes a package, and there is no group '${key}'`;
    return this.#fault(
      "CONFIG_UNKNOWN_GROUP",
      what,
      "key",
      near ?? `the groups are: ${this.#context.groups().join(", ")}`,
    );
  }

  #near(): string | undefined {
    const parent = this.#context.interpolator(this.#root).select(this.#path.slice(0, -1).join("."));
    const node = this.#path.length === 1 ? this.#root : parent?.node;
    if (node?.kind !== "map") return undefined;
    const known = [...node.entries.keys()].map(String);
    return didYouMean(this.#path.at(-1) ?? "", known) ?? `the keys are: ${known.join(", ") || "none"}`;
  }

  /** `part` is what the carets mark: the key, one part of its path, or the value. */
  #fault(
    code: ConfigErrorCode,
    what: string,
    part: "key" | "value" | number,
    fix?: string,
    cause?: unknown,
  ): ConfigError {
    const where = overridePlace({ ...this.#override, total: this.#context.total }, this.#span(part));
    return configError(code, what, { where, fix, cause });
  }

  #span(part: "key" | "value" | number): Span {
    const { keySpan, valueSpan } = this.#override;
    if (part === "value") return valueSpan;
    if (part === "key") return keySpan;
    const start = keySpan.start + this.#path.slice(0, part).reduce((sum, name) => sum + name.length + 1, 0);
    return { start, end: start + (this.#path[part] ?? "").length };
  }
}
