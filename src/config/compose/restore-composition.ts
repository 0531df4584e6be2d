import type { Resolver } from "../interpolation/resolver.ts";
import { entry, mapNode, nodeValue } from "../node.ts";
import { pythonStr } from "../python-text.ts";
import { type SavedConfig, savedChoices } from "./compose-saved.ts";
import { type Composition, makeComposition } from "./composition.ts";

export interface RestoreOptions {
  readonly saved: SavedConfig;
  /** The clock of the composition that was saved, so that `${now:…}` reads the same. */
  readonly now: Date;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly resolvers?: Readonly<Record<string, Resolver>> | undefined;
}

/**
 * The very composition that was saved, to run it in another process: its number, id and folder stand, and nothing is composed
 * again. To change and repeat a run, see {@link composeSaved}.
 */
export function restoreComposition({ saved, now, env, resolvers }: RestoreOptions): Composition {
  const sources = [{ provider: "saved", path: saved.folder }];
  const all = mapNode(new Map([["hydra", saved.hydra], ...saved.config.entries]), saved.config.origin);
  return makeComposition({
    all,
    interpolation: { env, now, resolvers },
    choices: savedChoices(saved.hydra),
    defaultsList: [],
    defaultsTrees: [],
    searchPath: sources,
    overrides: { hydra: hydraWords(saved), task: saved.words },
    steps: [{ tree: all, origin: saved.config.origin, item: null }],
    warnings: [],
    groups: () => [],
    groupOptions: () => [],
  });
}

function hydraWords({ hydra }: SavedConfig): readonly string[] {
  const overrides = entry(hydra, "overrides");
  const words = overrides?.kind === "map" ? entry(overrides, "hydra") : undefined;
  return words?.kind === "list" ? words.items.map((word) => pythonStr(nodeValue(word))) : [];
}
