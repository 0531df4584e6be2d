/** Where in the expression's text a part stands; for errors. */
interface Placed {
  readonly at: number;
}

export type Literal = null | boolean | bigint | number | string;

export type CompareOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in";

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**";

/** What `${expr:'…'}` is made of. */
export type Expression = Placed &
  (
    | { readonly kind: "literal"; readonly value: Literal }
    /** The first key of a path; `up` leading dots, as in `${..key}`: 0 is from the root. */
    | { readonly kind: "name"; readonly up: number; readonly key: string }
    | { readonly kind: "step"; readonly of: Expression; readonly key: Expression }
    | { readonly kind: "list"; readonly items: readonly Expression[] }
    | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
    | { readonly kind: "unary"; readonly operator: "-" | "+" | "not"; readonly value: Expression }
    | {
        readonly kind: "arithmetic";
        readonly operator: ArithmeticOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: "logic";
        readonly operator: "and" | "or";
        readonly left: Expression;
        readonly right: Expression;
      }
    /** `a < b <= c`: each operator between its two neighbours. */
    | {
        readonly kind: "compare";
        readonly operands: readonly Expression[];
        readonly operators: readonly CompareOperator[];
      }
    | {
        readonly kind: "if";
        readonly condition: Expression;
        readonly then: Expression;
        readonly otherwise: Expression;
      }
  );

/** A fault in an expression; the interpolator adds the call and its place. */
export class ExpressionFault extends Error {
  readonly fix: string | undefined;

  constructor(message: string, fix?: string) {
    super(message);
    this.fix = fix;
  }
}
