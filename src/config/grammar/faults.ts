import type { Span } from "./ast.ts";

/** What would mend a syntax fault; the words are made where the whole override is known. */
export type SyntaxRemedy =
  | "close"
  | "comma"
  | "dict-key"
  | "equal"
  | "key"
  | "no-value"
  | "none"
  | "quote-open"
  | "quote-value"
  | "whole-value";

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
  /** The argument or call at fault, where the thrower knows it. */
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

  /** The fault with what it lacks: the place of the call, and how the function is written. */
  within(span: Span, fix: string | undefined): CallFault {
    return new CallFault(this.message, { code: this.code, fix: this.fix ?? fix, span: this.span ?? span });
  }
}
