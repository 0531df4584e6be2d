import type { Span } from "./ast.ts";

/** What would mend a syntax fault; the words are made where the whole override is known. */
export type SyntaxRemedy =
  | "quote-value"
  | "quote-open"
  | "whole-value"
  | "equal"
  | "key"
  | "no-value"
  | "none";

/** Thrown within the grammar; `parseOverride` turns it into an OverrideError with the word around it. */
export class SyntaxFault extends Error {
  readonly span: Span;
  readonly remedy: SyntaxRemedy;

  constructor(message: string, span: Span, remedy: SyntaxRemedy = "none") {
    super(message);
    this.span = span;
    this.remedy = remedy;
  }
}

/** A call that cannot be carried out; thrown by function rows, which do not know the word around them. */
export class CallFault extends Error {
  readonly code: "OVERRIDE_BAD_CALL" | "OVERRIDE_UNKNOWN_FUNCTION";
  readonly fix: string | undefined;
  /** The call, once known: `evaluate` fills it in for faults thrown by a row. */
  readonly span: Span | undefined;

  constructor(
    message: string,
    options: { code?: CallFault["code"]; fix?: string | undefined; span?: Span } = {},
  ) {
    super(message);
    this.code = options.code ?? "OVERRIDE_BAD_CALL";
    this.fix = options.fix;
    this.span = options.span;
  }

  at(span: Span): CallFault {
    if (this.span !== undefined) return this;
    return new CallFault(this.message, { code: this.code, fix: this.fix, span });
  }
}
