import { didYouMean } from "../../../core/index.ts";
import { configError } from "../../errors.ts";
import type { PlainValue } from "../../grammar/ast.ts";
import { entry, isMissing, nodeValue } from "../../node.ts";
import { originText } from "../../origin.ts";
import { pythonRepr } from "../../python-text.ts";
import { type Location, locationPath } from "../location.ts";
import type { ResolverContext } from "../resolver.ts";
import type { Expression } from "./ast.ts";
import { ExpressionFault } from "./ast.ts";
import { expressionFunctions } from "./functions.ts";
import { arithmetic, compare, isTrue, kindOf, numberOf } from "./operators.ts";

/**
 * The value of an expression. Names are keys of the config, read from its root (with leading dots from the container that holds
 * the value); nothing else can be reached. Each part is evaluated at most once, and only where its value matters.
 *
 * @throws {ExpressionFault} for an absent key, an unknown function, operands that do not go together
 * @throws {ConfigError} where a key has no value yet, or an interpolation that it holds fails
 */
export function evaluateExpression(expression: Expression, context: ResolverContext): PlainValue {
  return new Evaluator(context).value(expression);
}

class Evaluator {
  readonly #context: ResolverContext;

  constructor(context: ResolverContext) {
    this.#context = context;
  }

  value(expression: Expression): PlainValue {
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "name":
      case "step":
        return this.#read(expression);
      case "list":
        return expression.items.map((item) => this.value(item));
      case "call":
        return this.#call(expression);
      case "unary":
        return this.#unary(expression.operator, this.value(expression.value));
      case "arithmetic":
        return arithmetic(expression.operator, this.value(expression.left), this.value(expression.right));
      case "logic": {
        const left = this.value(expression.left);
        return isTrue(left) === (expression.operator === "and") ? this.value(expression.right) : left;
      }
      case "compare":
        return this.#compare(expression);
      case "if":
        return this.value(isTrue(this.value(expression.condition)) ? expression.then : expression.otherwise);
    }
  }

  #compare({ operands, operators }: Extract<Expression, { kind: "compare" }>): boolean {
    let left: PlainValue | undefined;
    for (const [index, operand] of operands.entries()) {
      const right = this.value(operand);
      const operator = operators[index - 1];
      if (operator !== undefined && left !== undefined && !compare(operator, left, right)) return false;
      left = right;
    }
    return true;
  }

  #unary(operator: "-" | "+" | "not", value: PlainValue): PlainValue {
    if (operator === "not") return !isTrue(value);
    const number = numberOf(value);
    if (number === undefined) throw new ExpressionFault(`'${operator}' does not go with ${kindOf(value)}`);
    return operator === "-" ? -number : number;
  }

  #call({ name, args }: Extract<Expression, { kind: "call" }>): PlainValue {
    const found = expressionFunctions.get(name);
    if (found === undefined) {
      const names = [...expressionFunctions.keys()];
      throw new ExpressionFault(
        `no function '${name}'`,
        didYouMean(name, names) ?? `there are: ${names.join(", ")}`,
      );
    }
    const { least, most, call } = found;
    if (args.length < least || args.length > most) {
      const wanted =
        most === least ? `${least}` : Number.isFinite(most) ? `${least} to ${most}` : `${least} or more`;
      throw new ExpressionFault(`${name}() takes ${wanted} arguments, not ${args.length}`);
    }
    return call(args.map((argument) => this.value(argument)));
  }

  /** A key path as data; a step into a value that no key holds (a list in brackets, a call's result) likewise. */
  #read(expression: Extract<Expression, { kind: "name" | "step" }>): PlainValue {
    const place = this.#place(expression);
    if (place === undefined) {
      if (expression.kind === "name") throw new ExpressionFault("there is nothing here");
      return item(this.value(expression.of), this.value(expression.key));
    }
    return nodeValue(this.#context.interpolator.resolveTree(place));
  }

  /** The place in the config that a path leads to; undefined where it does not start at a key. */
  #place(expression: Expression): Location | undefined {
    if (expression.kind === "name") return this.#child(this.#base(expression.up), expression.key);
    if (expression.kind !== "step") return undefined;
    const container = this.#place(expression.of);
    return container && this.#child(container, this.value(expression.key));
  }

  #base(up: number): Location {
    if (up === 0) return this.#context.interpolator.root;
    let at: Location | null = this.#context.location;
    for (let level = 0; level < up && at !== null; level++) at = at.parent;
    if (at === null) throw new ExpressionFault("the path goes above the root", "take dots away");
    return at;
  }

  #child(container: Location, key: PlainValue): Location {
    const at = this.#context.interpolator.resolve(container);
    const { node } = at;
    const child =
      node.kind === "list" ? node.items[indexIn(node.items.length, key) ?? -1] : mapChild(at, key);
    if (child === undefined) throw absent(at, key);
    const found = this.#context.interpolator.resolve({ node: child, parent: at, key: scalarKey(key) });
    if (isMissing(found.node)) throw this.#missing(found);
    return found;
  }

  #missing(place: Location) {
    const path = locationPath(place);
    return configError(
      "CONFIG_INTERPOLATION_MISSING",
      `an expression needs '${path}', which has no value yet`,
      {
        where: originText(this.#context.location.node.origin),
        fix: `give it one: ${path}=VALUE`,
      },
    );
  }
}

function mapChild({ node }: Location, key: PlainValue) {
  const name = scalarKey(key);
  return node.kind === "map" && name !== null ? entry(node, name) : undefined;
}

function scalarKey(key: PlainValue): string | bigint | number | boolean | null {
  return typeof key === "object" ? null : key;
}

/** Counted from the end where negative. */
function indexIn(length: number, key: PlainValue): number | undefined {
  const index = typeof key === "string" && /^[0-9]{1,9}$/.test(key) ? Number(key) : Number(numberOf(key));
  if (!Number.isInteger(index) || index < -length || index >= length) return undefined;
  return index < 0 ? length + index : index;
}

function item(container: PlainValue, key: PlainValue): PlainValue {
  if (container instanceof Map) {
    const found = [...(container as ReadonlyMap<PlainValue, PlainValue>)].find(([name]) =>
      compare("==", name, key),
    );
    if (found !== undefined) return found[1];
  } else if (Array.isArray(container)) {
    const found: PlainValue | undefined = container[indexIn(container.length, key) ?? -1];
    if (found !== undefined) return found;
  }
  throw new ExpressionFault(`${kindOf(container)} has no ${shown(key)}`);
}

function absent(at: Location, key: PlainValue): ExpressionFault {
  const path = locationPath(at);
  const place = path === "" ? "the config" : `'${path}'`;
  const { node } = at;
  if (node.kind === "scalar") return new ExpressionFault(`${place} is one value and has no ${shown(key)}`);
  if (node.kind === "list") {
    return new ExpressionFault(`${place} has ${node.items.length} items and no ${shown(key)}`);
  }
  const names = [...node.entries.keys()].map(String);
  const near = typeof key === "string" ? didYouMean(key, names) : undefined;
  return new ExpressionFault(
    `${place} has no key ${shown(key)}`,
    near ?? `it has: ${names.slice(0, 12).join(", ") || "none"}`,
  );
}

function shown(key: PlainValue): string {
  const text = pythonRepr(key);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
