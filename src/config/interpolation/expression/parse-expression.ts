import type { ArithmeticOperator, CompareOperator, Expression } from "./ast.ts";
import { ExpressionFault } from "./ast.ts";
import { type ExpressionToken, tokenizeExpression } from "./tokenize-expression.ts";

/** Longer than any that one would write by hand, and quick to read. */
const longest = 10_000;
const deepest = 100;

const literals: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
  ["True", true],
  ["False", false],
  ["None", null],
]);
const keywords: ReadonlySet<string> = new Set(["if", "else", "and", "or", "not", "in"]);
const comparisons: readonly string[] = ["==", "!=", "<", "<=", ">", ">=", "in", "not in"];

/** Loosest first. Unary minus binds tighter than these and looser than `**`. */
const levels: readonly (readonly string[])[] = [
  ["+", "-"],
  ["*", "/", "//", "%"],
];

/**
 * Reads an expression: Python's operators over literals, key paths, lists and calls.
 *
 *     a.b * 2 if c else d        not x in [1, 2]        max(lr, 1e-4)
 *
 * @throws {ExpressionFault} at the first token that does not fit, for too long or too deep a text
 */
export function parseExpression(text: string): Expression {
  if (text.length > longest) throw new ExpressionFault(`the expression is longer than ${longest} characters`);
  return new ExpressionParser(tokenizeExpression(text)).whole();
}

class ExpressionParser {
  readonly #tokens: readonly ExpressionToken[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly ExpressionToken[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#expression();
    if (this.#token.kind !== "end") throw this.#unexpected("an operator");
    return expression;
  }

  get #token(): ExpressionToken {
    return this.#tokens[this.#next] ?? { kind: "end", text: "", at: 0 };
  }

  /** Whether the token, taken as a word or sign, is `text`. */
  #is(text: string, ahead = 0): boolean {
    const token = this.#tokens[this.#next + ahead];
    return token?.text === text && (token.kind === "sign" || token.kind === "word");
  }

  #takes(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#next++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#unexpected(`'${text}'`);
  }

  /** One level deeper while `read` runs. */
  #deeper(read: () => Expression): Expression {
    if (this.#depth === deepest) throw new ExpressionFault("the expression is nested too deeply");
    this.#depth++;
    const expression = read();
    this.#depth--;
    return expression;
  }

  #expression(): Expression {
    return this.#deeper(() => {
      const { at } = this.#token;
      const then = this.#logic("or");
      if (!this.#takes("if")) return then;
      const condition = this.#logic("or");
      this.#expect("else");
      return { kind: "if", condition, then, otherwise: this.#expression(), at };
    });
  }

  #logic(operator: "and" | "or"): Expression {
    const operand = () => (operator === "or" ? this.#logic("and") : this.#not());
    let left = operand();
    for (let count = 0; this.#is(operator); count++) {
      if (count === deepest) throw new ExpressionFault(`more than ${deepest} '${operator}' in a row`);
      const { at } = this.#token;
      this.#next++;
      left = { kind: "logic", operator, left, right: operand(), at };
    }
    return left;
  }

  #not(): Expression {
    const { at } = this.#token;
    if (!this.#takes("not")) return this.#compare();
    return this.#deeper(() => ({ kind: "unary", operator: "not", value: this.#not(), at }));
  }

  #compare(): Expression {
    const { at } = this.#token;
    const operands = [this.#arithmetic(0)];
    const operators: CompareOperator[] = [];
    for (let operator = this.#comparison(); operator !== undefined; operator = this.#comparison()) {
      operators.push(operator);
      operands.push(this.#arithmetic(0));
    }
    const [only] = operands;
    return operators.length === 0 && only !== undefined ? only : { kind: "compare", operands, operators, at };
  }

  #comparison(): CompareOperator | undefined {
    const text = this.#is("not") && this.#is("in", 1) ? "not in" : this.#token.text;
    const isWord = this.#token.kind === "sign" || this.#token.kind === "word";
    if (!isWord || !comparisons.includes(text)) return undefined;
    this.#next += text === "not in" ? 2 : 1;
    return text as CompareOperator;
  }

  #arithmetic(level: number): Expression {
    const operators = levels[level];
    if (operators === undefined) return this.#unary();
    let left = this.#arithmetic(level + 1);
    for (let count = 0; this.#token.kind === "sign" && operators.includes(this.#token.text); count++) {
      if (count === deepest) throw new ExpressionFault(`more than ${deepest} operators in a row`);
      const { text, at } = this.#token;
      this.#next++;
      const operator = text as ArithmeticOperator;
      left = { kind: "arithmetic", operator, left, right: this.#arithmetic(level + 1), at };
    }
    return left;
  }

  #unary(): Expression {
    const { at } = this.#token;
    const operator = this.#is("-") ? "-" : this.#is("+") ? "+" : undefined;
    if (operator === undefined) return this.#power();
    this.#next++;
    return this.#deeper(() => ({ kind: "unary", operator, value: this.#unary(), at }));
  }

  /** Right to left; the exponent may have a sign: `2 ** -1`. */
  #power(): Expression {
    const left = this.#steps(this.#primary());
    const { at } = this.#token;
    if (!this.#takes("**")) return left;
    return this.#deeper(() => ({ kind: "arithmetic", operator: "**", left, right: this.#unary(), at }));
  }

  /** `.key` and `[key]` behind a value. */
  #steps(start: Expression): Expression {
    let value = start;
    for (let count = 0; ; count++) {
      if (count === deepest) throw new ExpressionFault("the key path is too long");
      const { at } = this.#token;
      if (this.#takes(".")) {
        value = { kind: "step", of: value, key: { kind: "literal", value: this.#key(), at }, at };
      } else if (this.#takes("[")) {
        value = { kind: "step", of: value, key: this.#expression(), at };
        this.#expect("]");
      } else {
        return value;
      }
    }
  }

  #key(): string {
    const { kind, text } = this.#token;
    if (kind !== "word" && kind !== "int") throw this.#unexpected("a key");
    this.#next++;
    return text;
  }

  #primary(): Expression {
    const { kind, text, at } = this.#token;
    if (kind === "sign") return this.#signed();
    if (kind === "end" || (kind === "word" && keywords.has(text))) throw this.#unexpected("a value");
    this.#next++;
    if (kind === "int") return { kind: "literal", value: BigInt(text.replaceAll("_", "")), at };
    if (kind === "float") return { kind: "literal", value: Number(text), at };
    if (kind === "text") return { kind: "literal", value: text, at };
    const literal = literals.get(text);
    if (literal !== undefined) return { kind: "literal", value: literal, at };
    if (!this.#takes("(")) return { kind: "name", up: 0, key: text, at };
    return { kind: "call", name: text, args: this.#separated(")"), at };
  }

  #signed(): Expression {
    const { at } = this.#token;
    if (this.#takes("(")) {
      const inner = this.#expression();
      this.#expect(")");
      return inner;
    }
    if (this.#takes("[")) return { kind: "list", items: this.#separated("]"), at };
    let up = 0;
    while (this.#takes(".")) up++;
    if (up > 0) return { kind: "name", up, key: this.#key(), at };
    throw this.#unexpected("a value");
  }

  /** Zero or more expressions with commas between, and the closing sign. */
  #separated(close: string): Expression[] {
    const items: Expression[] = [];
    if (this.#takes(close)) return items;
    do items.push(this.#expression());
    while (this.#takes(","));
    this.#expect(close);
    return items;
  }

  #unexpected(wanted: string): ExpressionFault {
    const { kind, text, at } = this.#token;
    const found = kind === "end" ? "the end" : `'${text}' (character ${at + 1})`;
    return new ExpressionFault(`${wanted} expected, not ${found}`);
  }
}
