import type { InterpolationElement, QuotedElement, Scalar, ScalarElement, Span } from "./ast.ts";

/** The parsed text of a value, before its functions are called. */
export type Syntax =
  | ScalarElement
  | QuotedElement
  | InterpolationElement
  | { readonly kind: "list"; readonly items: readonly Syntax[]; readonly span: Span }
  | {
      readonly kind: "dict";
      readonly entries: readonly { readonly key: Scalar; readonly value: Syntax }[];
      readonly span: Span;
    }
  | { readonly kind: "commas"; readonly items: readonly Syntax[]; readonly span: Span }
  | CallSyntax;

export interface CallSyntax {
  readonly kind: "call";
  readonly name: string;
  readonly nameSpan: Span;
  readonly arguments: readonly ArgumentSyntax[];
  readonly span: Span;
}

export interface ArgumentSyntax {
  /** `reverse` in `sort(x, reverse=true)`; null for a positional argument. */
  readonly name: string | null;
  readonly value: Syntax;
  readonly span: Span;
}
