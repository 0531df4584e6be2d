import type { GraphBuilder, Node } from "../onnx/index.ts";
import { describeNode } from "../onnx/index.ts";
import { AutodiffError } from "./errors.ts";

/** What a gradient rule sees of the node it differentiates. */
export interface RuleContext {
  /** The graph under construction: the forward nodes and the gradient nodes so far. */
  readonly b: GraphBuilder;
  readonly node: Node;
  /** Names of the node's inputs. */
  readonly x: readonly string[];
  /** Name of the node's first output. */
  readonly y: string;
  /** Cotangent of the node's first output. */
  readonly g: string;
  /** Cotangents of all outputs; undefined where an output does not reach the loss. */
  readonly cotangents: readonly (string | undefined)[];
  /** Whether input `index` depends on anything that is differentiated for. */
  needs(index: number): boolean;
}

/**
 * The vector-Jacobian product of one op: cotangents of its inputs from those of its outputs.
 * An entry may be undefined where `needs(index)` is false or the input has no gradient.
 */
export type Rule = (context: RuleContext) => readonly (string | undefined)[];

/** Computes a cotangent only if that input needs one. */
export function when(c: RuleContext, index: number, cotangent: () => string): string | undefined {
  return c.needs(index) ? cotangent() : undefined;
}

/** Ends a rule on a form of its op that it cannot differentiate. */
export function refuse(c: RuleContext, what: string, fix: string): never {
  const types = c.x.map((name) => (name === "" ? undefined : c.b.type(name)));
  throw new AutodiffError("AUTODIFF_UNSUPPORTED_FORM", what, {
    where: describeNode(c.node.op, c.node.name, types),
    fix,
  });
}
