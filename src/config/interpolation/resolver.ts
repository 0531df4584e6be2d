import type { PlainValue } from "../grammar/ast.ts";
import type { MapNode, Node } from "../node.ts";
import type { Interpolator } from "./interpolator.ts";
import type { Location } from "./location.ts";

/** What a resolver may ask for beside its arguments. */
export interface ResolverContext {
  readonly interpolator: Interpolator;
  /** The arguments as nodes: containers as stored, not interpolated inside. */
  readonly nodes: () => readonly Node[];
  /** Of the value that holds the interpolation. */
  readonly location: Location;
  readonly hydra: MapNode | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly now: Date;
  readonly warn: (message: string) => void;
}

/**
 * `${name:a,b}` calls this with `[a, b]`. Plain data that it returns is data: text with `${` in it is not interpolated
 * again. A returned node becomes part of the config, a returned location stands for the node there.
 */
export interface Resolver {
  (args: readonly PlainValue[], context: ResolverContext): PlainValue | Node | Location;
  /** One call per text and interpolator: `now`, so that all uses agree. */
  readonly cached?: boolean;
  /** Has the same answer to the same arguments as long as the tree is the same, and does nothing else. */
  readonly lasting?: boolean;
}
