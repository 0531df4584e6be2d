import type { Graph, Node } from "../graph.ts";

/** Who makes a value and who reads it, for passes that look around. */
export class GraphLinks {
  readonly #graph: Graph;
  readonly #producers = new Map<string, Node>();
  readonly #consumers = new Map<string, Node[]>();
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
    for (const node of graph.nodes) {
      for (const name of node.outputs) if (name !== "") this.#producers.set(name, node);
      for (const name of new Set(node.inputs)) {
        const known = this.#consumers.get(name);
        if (known) known.push(node);
        else this.#consumers.set(name, [node]);
      }
    }
  }

  /** The node that makes a value; undefined for inputs and initializers. */
  producer(name: string): Node | undefined {
    return this.#producers.get(name);
  }

  /** The nodes that read a value, each once. */
  consumers(name: string): readonly Node[] {
    return this.#consumers.get(name) ?? [];
  }

  isOutput(name: string): boolean {
    return this.#outputs.has(name);
  }

  /** Whether this node alone reads the value, and no graph output is it. */
  isOnlyUse(name: string, node: Node): boolean {
    const uses = this.consumers(name);
    return uses.length === 1 && uses[0] === node && !this.isOutput(name);
  }

  /** The number that an initializer of one element holds. */
  scalar(name: string): number | undefined {
    const tensor = this.#graph.initializers.get(name);
    const isFloat = tensor?.dtype === "float32" || tensor?.dtype === "float64";
    return isFloat && tensor.data.length === 1 && tensor.shape.length === 0
      ? Number(tensor.data[0])
      : undefined;
  }

  /** A product with a number, taken apart; undefined for any other node. */
  scaling(node: Node | undefined): { readonly value: string; readonly factor: number } | undefined {
    if (node?.op !== "Mul") return undefined;
    const [left, right] = node.inputs as [string, string];
    const [a, b] = [this.scalar(left), this.scalar(right)];
    if (b !== undefined && a === undefined) return { value: left, factor: b };
    return a !== undefined && b === undefined ? { value: right, factor: a } : undefined;
  }
}
