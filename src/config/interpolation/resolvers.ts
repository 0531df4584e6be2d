import { configError } from "../errors.ts";
import type { PlainValue } from "../grammar/ast.ts";
import type { MapNode, Node } from "../node.ts";
import { isContainer, listNode, scalarNode } from "../node.ts";
import { pythonStr } from "../python-text.ts";
import { loadYaml } from "../yaml/load-yaml.ts";
import { expression } from "./expression/expression-resolver.ts";
import type { Location } from "./location.ts";
import type { Resolver, ResolverContext } from "./resolver.ts";
import { strftime } from "./strftime.ts";

function cached(resolver: Resolver): Resolver {
  return Object.assign(resolver, { cached: true });
}

function lasting(resolver: Resolver): Resolver {
  return Object.assign(resolver, { lasting: true });
}

/** Resolvers that every config may call: one row each. */
export const builtinResolvers: ReadonlyMap<string, Resolver> = new Map<string, Resolver>([
  ["oc.env", environment],
  ["oc.decode", lasting(decode)],
  ["oc.create", lasting(create)],
  ["oc.select", lasting(select)],
  ["oc.dict.keys", lasting(dictKeys)],
  ["oc.dict.values", lasting(dictValues)],
  ["oc.deprecated", deprecated],
  ["expr", lasting(expression)],
  ["hydra", lasting(hydraValue)],
  ["now", cached(currentTime)],
]);

/** Thrown by a row; the interpolator adds the call and its place. */
function failure(message: string, fix?: string): Error {
  return configError("CONFIG_SET", message, { fix });
}

function arity(args: readonly unknown[], least: number, most: number): void {
  if (args.length >= least && args.length <= most) return;
  const wanted = least === most ? String(least) : `${least} to ${most}`;
  throw failure(`it takes ${wanted} arguments, not ${args.length}`);
}

function text(value: PlainValue | undefined, what: string): string {
  if (typeof value === "string") return value;
  throw failure(`${what} must be text, not ${pythonStr(value ?? null)}`, "put it in quotes");
}

/** `${oc.env:NAME,default}`: always text, except a default of null. */
function environment(args: readonly PlainValue[], { env }: ResolverContext): PlainValue {
  arity(args, 1, 2);
  const name = text(args[0], "the variable's name");
  const value = env[name];
  if (value !== undefined) return value;
  if (args.length === 1) {
    throw failure(
      `environment variable '${name}' is not set`,
      `set it, or give a default: \${oc.env:${name},DEFAULT}`,
    );
  }
  const fallback = args[1] ?? null;
  return fallback === null ? null : pythonStr(fallback);
}

/** `${oc.decode:text}`: the text as one argument of a resolver would be read. */
function decode(args: readonly PlainValue[], context: ResolverContext): PlainValue | Node {
  arity(args, 1, 1);
  const [value = null] = args;
  if (value === null) return null;
  return context.interpolator.decode(text(value, "what is decoded"), context.location);
}

/** `${oc.create:x}`: a dict or list as part of the config; text is read as YAML, null stays null. */
function create(args: readonly PlainValue[], { nodes }: ResolverContext): Node | null {
  arity(args, 1, 1);
  if (args[0] === null) return null;
  const [node] = nodes();
  if (node !== undefined && isContainer(node)) return node;
  return loadYaml(text(args[0], "what is created"), "<oc.create>");
}

/** `${oc.select:key,default}`: the default where the key is absent or has no value yet. */
function select(args: readonly PlainValue[], context: ResolverContext): PlainValue | Location {
  arity(args, 1, 2);
  const found = lookUp(text(args[0], "the key"), context);
  return found ?? args[1] ?? null;
}

/** A key path from the root; with leading dots from the container that holds the value. */
function lookUp(key: string, { interpolator, location }: ResolverContext): Location | undefined {
  const dots = /^\.*/.exec(key)?.[0].length ?? 0;
  if (dots === 0) return interpolator.selectStrictly(key);
  let at: Location | null = location;
  for (let level = 0; level < dots && at !== null; level++) at = at.parent;
  if (at === null) throw failure(`'${key}' goes above the root`, "take dots away");
  return interpolator.selectStrictly(key.slice(dots), at);
}

function dictArgument(args: readonly PlainValue[], context: ResolverContext): { key: string; map: MapNode } {
  arity(args, 1, 1);
  const key = text(args[0], "the key of a map");
  const found = lookUp(key, context);
  if (found === undefined) throw failure(`there is no '${key}'`);
  if (found.node.kind !== "map") throw failure(`'${key}' is no map`);
  return { key, map: found.node };
}

function dictKeys(args: readonly PlainValue[], context: ResolverContext): PlainValue {
  return [...dictArgument(args, context).map.entries.keys()];
}

/** A list of references, so that the values stay linked to their map. */
function dictValues(args: readonly PlainValue[], context: ResolverContext): Node {
  const { key, map } = dictArgument(args, context);
  // One dot more: the references stand one level deeper, in the list.
  const from = key.startsWith(".") ? `.${key}` : key;
  const { origin } = context.location.node;
  const items = [...map.entries.keys()].map((name) => scalarNode(`\${${from}.${pythonStr(name)}}`, origin));
  return listNode(items, origin);
}

function deprecated(args: readonly PlainValue[], context: ResolverContext): PlainValue | Location {
  arity(args, 1, 2);
  const key = text(args[0], "the new key");
  const message = text(
    args[1] ?? "'$OLD_KEY' is deprecated. Change your code and config to use '$NEW_KEY'",
    "the message",
  );
  const found = lookUp(key, context);
  if (found === undefined) throw failure(`there is no '${key}'`);
  const old = String(context.location.key ?? "");
  context.warn(message.replaceAll("$OLD_KEY", old).replaceAll("$NEW_KEY", key));
  return found;
}

/** `${hydra:job.name}`: the only way from the task config to the hydra node; null where nothing is there. */
function hydraValue(args: readonly PlainValue[], context: ResolverContext): PlainValue | Location {
  arity(args, 1, 1);
  const path = text(args[0], "the path");
  if (context.hydra === undefined) throw failure("there is no hydra node here");
  return context.interpolator.withRoot(context.hydra).select(`hydra.${path}`) ?? null;
}

function currentTime(args: readonly PlainValue[], { now }: ResolverContext): PlainValue {
  arity(args, 1, 1);
  return strftime(text(args[0], "the pattern"), now);
}
