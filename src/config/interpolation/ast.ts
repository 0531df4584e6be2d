import type { Key } from "../node.ts";

/** `${a.b}`, `${.sibling}`, `${l[0]}`. */
export interface NodeReference {
  readonly kind: "node";
  /** Leading dots: 0 is from the root, 1 the container that holds the value, each further one a level up. */
  readonly up: number;
  readonly keys: readonly (string | Interpolation)[];
  readonly text: string;
}

/** `${name:argument,…}`. */
export interface ResolverCall {
  readonly kind: "call";
  readonly name: readonly (string | Interpolation)[];
  readonly args: readonly Argument[];
  readonly text: string;
}

export type Interpolation = NodeReference | ResolverCall;

/** Literal text and interpolations in turn. */
export type TextPart = string | Interpolation;

export type Argument =
  | { readonly kind: "value"; readonly value: null | boolean | bigint | number | string }
  | { readonly kind: "text"; readonly parts: readonly TextPart[]; readonly quoted: boolean }
  | { readonly kind: "list"; readonly items: readonly Argument[] }
  | { readonly kind: "dict"; readonly entries: readonly { key: Key | null; value: Argument }[] };
