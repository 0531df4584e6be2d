import { TrackingError } from "../errors.ts";
import type { JsonValue } from "../json-value.ts";
import { lookUp } from "./look-up.ts";
import type { RunView } from "./run-view.ts";

/** Whether a run is wanted. */
export type RunFilter = (run: RunView) => Promise<boolean>;

type Literal = string | number | boolean | null;

const OPERATORS = ["<=", ">=", "!=", "==", "=", "<", ">", "~"] as const;
type Operator = (typeof OPERATORS)[number];

interface Token {
  readonly kind: "word" | "text" | "path" | "sign";
  readonly text: string;
  readonly at: number;
}

/**
 * Reads a filter, such as
 *
 *     metrics.val_mse < 0.3 and params.training.lora_rank in (4, 8)
 *     status = completed and not (name ~ test or $.params["data.path"] = null)
 *
 * A comparison is PATH OPERATOR VALUE; operators are `= == != < <= > >=`, `~` (the text holds it) and `in (…)`; a path alone asks whether it
 * is there. They are joined by `and`, `or`, `not` and parentheses. A comparison with a value that a run has not is false. Nothing is run as code.
 *
 * @throws {TrackingError} TRACKING_BAD_FILTER
 */
export function parseFilter(text: string): RunFilter {
  const parser = new FilterParser(text);
  return parser.whole();
}

class FilterParser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  whole(): RunFilter {
    const filter = this.#or();
    const rest = this.#tokens[this.#next];
    if (rest !== undefined) throw badFilter(this.#text, rest.at, `'${rest.text}' is one word too many here`);
    return filter;
  }

  #or(): RunFilter {
    const parts = [this.#and()];
    while (this.#take("or", "||")) parts.push(this.#and());
    return parts.length === 1 && parts[0] ? parts[0] : (run) => someOf(parts, run);
  }

  #and(): RunFilter {
    const parts = [this.#not()];
    while (this.#take("and", "&&")) parts.push(this.#not());
    return async (run) => !(await someOf(parts.map(negated), run));
  }

  #not(): RunFilter {
    if (this.#take("not", "!")) return negated(this.#not());
    if (!this.#take("(")) return this.#comparison();
    const inner = this.#or();
    if (!this.#take(")")) throw this.#missing("')'");
    return inner;
  }

  #comparison(): RunFilter {
    const token = this.#tokens[this.#next];
    if (token === undefined || token.kind === "sign") throw this.#missing("a name such as metrics.val_loss");
    this.#next += 1;
    const path = token.text;
    if (this.#take("in")) {
      const values = this.#list();
      return async (run) => {
        const found = await lookUp(run, path);
        return values.some((value) => anyOf(found, (it) => compare(it, "=", value)));
      };
    }
    const sign = this.#tokens[this.#next];
    const operator = OPERATORS.find((it) => sign?.kind === "sign" && it === sign.text);
    if (operator === undefined) return async (run) => (await lookUp(run, path)) !== undefined;
    this.#next += 1;
    const value = this.#literal();
    return async (run) => anyOf(await lookUp(run, path), (it) => compare(it, operator, value));
  }

  #list(): readonly Literal[] {
    if (!this.#take("(")) throw this.#missing("'(' and the values");
    const values = [this.#literal()];
    while (this.#take(",")) values.push(this.#literal());
    if (!this.#take(")")) throw this.#missing("')'");
    return values;
  }

  #literal(): Literal {
    const token = this.#tokens[this.#next];
    if (token === undefined || token.kind === "sign") throw this.#missing("a value");
    this.#next += 1;
    return token.kind === "text" ? token.text : literalOf(token.text);
  }

  #take(...texts: readonly string[]): boolean {
    const token = this.#tokens[this.#next];
    if (token === undefined || token.kind === "text" || !texts.includes(token.text)) return false;
    this.#next += 1;
    return true;
  }

  #missing(what: string): TrackingError {
    return badFilter(
      this.#text,
      this.#tokens[this.#next]?.at ?? this.#text.length,
      `${what} is missing here`,
    );
  }
}

const TOKEN =
  /\s*(?:(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<path>\$(?:\[[^\]]*\]|[^\s<>=!~(),[\]])*)|(?<sign><=|>=|!=|==|&&|\|\||[<>=!~(),])|(?<word>[^\s<>=!~(),"']+))/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const from = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) {
      const at = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
      throw badFilter(text, at, "a quote is not closed here");
    }
    const [kind, found = ""] = Object.entries(groups).find(([, value]) => value !== undefined) ?? ["word"];
    const at = TOKEN.lastIndex - found.length;
    if (kind === "text") tokens.push({ kind, text: found.slice(1, -1).replaceAll(/\\(.)/g, "$1"), at });
    else tokens.push({ kind: kind === "path" || kind === "sign" ? kind : "word", text: found, at });
  }
  return tokens;
}

function literalOf(word: string): Literal {
  if (word === "true" || word === "false") return word === "true";
  if (word === "null") return null;
  return word !== "" && Number.isFinite(Number(word)) ? Number(word) : word;
}

/** A JSONPath may find several values: one of them is enough. */
function anyOf(found: JsonValue | undefined, test: (value: JsonValue) => boolean): boolean {
  if (found === undefined) return false;
  return Array.isArray(found) ? found.some(test) : test(found);
}

function compare(value: JsonValue, operator: Operator, wanted: Literal): boolean {
  if (operator === "~") return String(value).includes(String(wanted));
  if (operator === "=" || operator === "==") return isSame(value, wanted);
  if (operator === "!=") return !isSame(value, wanted);
  const [left, right] =
    typeof wanted === "number" ? [Number(value), wanted] : [String(value), String(wanted)];
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  return operator === ">" ? left > right : left >= right;
}

function isSame(value: JsonValue, wanted: Literal): boolean {
  if (typeof wanted === "number" && (typeof value === "number" || typeof value === "string"))
    return value !== "" && Number(value) === wanted;
  return value === wanted || (typeof wanted === "string" && String(value) === wanted);
}

async function someOf(parts: readonly RunFilter[], run: RunView): Promise<boolean> {
  for (const part of parts) if (await part(run)) return true;
  return false;
}

function negated(filter: RunFilter): RunFilter {
  return async (run) => !(await filter(run));
}

function badFilter(text: string, at: number, what: string): TrackingError {
  return new TrackingError("TRACKING_BAD_FILTER", what, {
    where: { text, detail: [`${" ".repeat(at)}^`] },
    fix: "write comparisons such as: metrics.val_mse < 0.3 and status = completed",
  });
}
