import type { NodeProto } from "./generated/onnx-ml_pb.js";

/** `ai.onnx` is the long name of the default domain. */
export function plainDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

/** A node for messages; by its first output where it has no name. */
export function describeProto(node: NodeProto): string {
  return node.name === ""
    ? `${node.opType} that makes '${node.output[0] ?? ""}'`
    : `${node.opType} '${node.name}'`;
}

/** The names of one body: what they are called in the flat graph. A name that it does not have is looked for outside. */
export class Scope {
  readonly #names = new Map<string, string>();
  readonly #outer: Scope | null;

  constructor(outer: Scope | null) {
    this.#outer = outer;
  }

  set(name: string, flat: string): void {
    this.#names.set(name, flat);
  }

  resolve(name: string): string {
    if (name === "") return "";
    return this.#names.get(name) ?? this.#outer?.resolve(name) ?? name;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }
}
