import { configError } from "../../errors.ts";
import type { PlainValue } from "../../grammar/ast.ts";
import type { ResolverContext } from "../resolver.ts";
import type { Expression } from "./ast.ts";
import { ExpressionFault } from "./ast.ts";
import { evaluateExpression } from "./evaluate-expression.ts";
import { parseExpression } from "./parse-expression.ts";

const parsed = new Map<string, Expression>();
const mostKept = 1_000;

/**
 * `${expr:'a.b * 2 if c else d'}`: conditions and arithmetic over the config's own values, in Python's notation. It is read by
 * a parser of its own and never by JavaScript's: there is no assignment, no loop, and nothing to reach but keys.
 */
export function expression(args: readonly PlainValue[], context: ResolverContext): PlainValue {
  const [text = null, ...rest] = args;
  if (args.length === 0 || rest.length > 0) {
    throw configError("CONFIG_SET", `it takes one expression, not ${args.length}`, {
      fix: "put the expression in quotes: ${expr:'max(a, b)'}",
    });
  }
  // An expression that is one number was read as that already.
  if (typeof text !== "string") return text;
  try {
    return evaluateExpression(parsedOnce(text), context);
  } catch (cause) {
    if (!(cause instanceof ExpressionFault)) throw cause;
    throw configError("CONFIG_SET", cause.message, { fix: cause.fix, cause });
  }
}

function parsedOnce(text: string): Expression {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const made = parseExpression(text);
  if (parsed.size >= mostKept) parsed.clear();
  parsed.set(text, made);
  return made;
}
