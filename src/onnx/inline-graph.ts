import type { GraphBuilder } from "./builder.ts";
import type { Graph } from "./graph.ts";

/**
 * Adds a graph's nodes to another one under construction.
 *
 * @param feeds   the values that take the places of its inputs, by name; all of them
 * @param prefix  put in front of the names of its nodes and initializers
 * @returns the values that its outputs are now, by name
 */
export function inlineGraph(
  b: GraphBuilder,
  graph: Graph,
  feeds: Readonly<Record<string, string>>,
  prefix: string,
): Readonly<Record<string, string>> {
  const names = new Map<string, string>(Object.entries(feeds));
  const renamed = (name: string) => (name === "" ? "" : (names.get(name) ?? `${prefix}${name}`));
  for (const [name, tensor] of graph.initializers) b.initializer(renamed(name), tensor);
  for (const node of graph.nodes) {
    b.addNode({
      ...node,
      name: `${prefix}${node.name}`,
      inputs: node.inputs.map(renamed),
      outputs: node.outputs.map(renamed),
    });
  }
  return Object.fromEntries(graph.outputs.map(({ name }) => [name, renamed(name)]));
}
