import { configError } from "../errors.ts";
import type { Override } from "../grammar/index.ts";
import type { Key, MapNode, Node } from "../node.ts";
import { entry, isMissing, listNode, mapNode, nodeValue, scalarNode, setEntry } from "../node.ts";
import { engineOrigin, originText } from "../origin.ts";
import { pythonStr } from "../python-text.ts";
import { isHydraOverride } from "./check-sweeps.ts";
import type { ConfigSource } from "./repository.ts";

export interface JobInfo {
  readonly name?: string;
  readonly num?: number;
  readonly id?: string;
  readonly configName?: string;
}

export interface HydraFacts {
  readonly job: JobInfo;
  readonly configName: string | null;
  readonly overrides: readonly Override[];
  readonly choices: ReadonlyMap<string, string | null>;
  readonly sources: readonly ConfigSource[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

const VERSION = "1.3";
const engine = engineOrigin("filled in by the engine");

/** The whole tree with the parts of its hydra node that only the engine knows. */
export function fillHydraNode(root: MapNode, facts: HydraFacts): MapNode {
  const hydra = entry(root, "hydra");
  if (hydra?.kind !== "map") return root;
  const filled = overlay(hydra, facts.job, facts);
  const entries = new Map(root.entries);
  setEntry(entries, "hydra", filled);
  return mapNode(entries, root.origin);
}

function overlay(hydra: MapNode, job: JobInfo, facts: HydraFacts): MapNode {
  const task = facts.overrides.filter((override) => !isHydraOverride(override));
  const own = facts.overrides.filter(isHydraOverride);
  let node = hydra;
  node = put(node, ["overrides", "hydra"], texts(own.map(({ text }) => text)));
  node = put(node, ["overrides", "task"], texts(task.map(({ text }) => text)));
  node = put(node, ["job", "override_dirname"], text(overrideDirname(hydra, task)));
  node = put(
    node,
    ["job", "config_name"],
    facts.configName === null ? scalarNode(null, engine) : text(facts.configName),
  );
  node = putMissing(node, ["job", "name"], text(job.name ?? "app"));
  if (job.id !== undefined) node = put(node, ["job", "id"], text(job.id));
  if (job.num !== undefined) node = put(node, ["job", "num"], scalarNode(BigInt(job.num), engine));
  node = put(node, ["runtime", "version"], text(VERSION));
  node = put(node, ["runtime", "version_base"], text(VERSION));
  node = put(node, ["runtime", "cwd"], text(facts.cwd));
  node = put(node, ["runtime", "config_sources"], sources(facts.sources));
  node = put(node, ["runtime", "choices"], choices(node, facts.choices));
  return copyEnvironment(node, facts.env);
}

/** What stands there already, and every choice. */
function choices(hydra: MapNode, made: ReadonlyMap<string, string | null>): MapNode {
  const before = at(hydra, ["runtime", "choices"]);
  const entries = new Map(before?.kind === "map" ? before.entries : []);
  for (const [key, choice] of made) setEntry(entries, key, scalarNode(choice, engine));
  return mapNode(entries, before?.origin ?? engine);
}

/** `job.env_copy` names variables of the launching environment for `job.env_set`. */
function copyEnvironment(hydra: MapNode, env: NodeJS.ProcessEnv): MapNode {
  const names = at(hydra, ["job", "env_copy"]);
  if (names?.kind !== "list") return hydra;
  return names.items.reduce<MapNode>((node, item) => {
    const name = pythonStr(nodeValue(item));
    const value = env[name];
    if (value === undefined) {
      throw configError("CONFIG_SET", `hydra.job.env_copy: the environment has no '${name}'`, {
        where: originText(item.origin),
        fix: "set it, or take it out of the list",
      });
    }
    return put(node, ["job", "env_set", name], text(value));
  }, hydra);
}

/** The task's words, sorted and joined; for folder names. */
function overrideDirname(hydra: MapNode, task: readonly Override[]): string {
  const settings = at(hydra, ["job", "config", "override_dirname"]);
  const setting = (name: string, fallback: string): string => {
    const value = settings?.kind === "map" ? entry(settings, name) : undefined;
    return value === undefined ? fallback : pythonStr(nodeValue(value));
  };
  const excluded = at(hydra, ["job", "config", "override_dirname", "exclude_keys"]);
  const excludedKeys =
    excluded?.kind === "list" ? excluded.items.map((item) => pythonStr(nodeValue(item))) : [];
  const words = task.filter(({ key }) => !excludedKeys.includes(key)).map(({ text: word }) => word);
  const joined = words.sort(compareWords).join(setting("item_sep", ","));
  return joined.replaceAll("=", () => setting("kv_sep", "="));
}

function compareWords(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sources(list: readonly ConfigSource[]): Node {
  return listNode(
    list.map(({ path, provider, stored }) => {
      const [, scheme = "file", name = path] = /^(pkg):\/\/(.*)$/.exec(path) ?? [];
      const entries = new Map<Key, Node>([
        ["path", text(stored === undefined ? name : "")],
        ["schema", text(stored === undefined ? scheme : "structured")],
        ["provider", text(provider)],
      ]);
      return mapNode(entries, engine);
    }),
    engine,
  );
}

function text(value: string): Node {
  return scalarNode(value, engine);
}

function texts(values: readonly string[]): Node {
  return listNode(values.map(text), engine);
}

function at(node: Node, path: readonly string[]): Node | undefined {
  return path.reduce<Node | undefined>(
    (inner, key) => (inner?.kind === "map" ? entry(inner, key) : undefined),
    node,
  );
}

function put(node: MapNode, [key = "", ...rest]: readonly string[], value: Node): MapNode {
  const inner = entry(node, key);
  const below = inner?.kind === "map" ? inner : mapNode(new Map(), engine);
  const entries = new Map(node.entries);
  setEntry(entries, key, rest.length === 0 ? value : put(below, rest, value));
  return mapNode(entries, node.origin);
}

function putMissing(node: MapNode, path: readonly string[], value: Node): MapNode {
  const present = at(node, path);
  return present === undefined || isMissing(present) ? put(node, path, value) : node;
}
