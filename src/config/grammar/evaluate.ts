import { didYouMean, type Random } from "../../core/index.ts";
import type { DictElement, DictEntry, Element, Scalar } from "./ast.ts";
import { CallFault, SyntaxFault } from "./faults.ts";
import { callFunction, functionNames, functionUsage } from "./functions.ts";
import { numberOf } from "./order.ts";
import type { CallSyntax, Syntax } from "./syntax.ts";

/**
 * Calls the functions in a parsed value, innermost first.
 *
 * @throws {CallFault} with the span of the call that failed
 * @throws {SyntaxFault} for a positional argument after a named one
 */
export function evaluate(syntax: Syntax, word: string, random: Random): Element {
  const again = (inner: Syntax): Element => evaluate(inner, word, random);
  const within = (inner: Syntax): Element => refuseEdit(again(inner));
  switch (syntax.kind) {
    case "list":
      return { ...syntax, items: syntax.items.map(within) };
    case "dict":
      return dictElement(
        syntax.entries.map(({ key, value }) => ({ key, value: within(value) })),
        syntax.span,
      );
    case "commas":
      return {
        kind: "choice",
        simple: true,
        items: syntax.items.map(again),
        tags: [],
        shuffle: false,
        span: syntax.span,
      };
    case "call":
      return evaluateCall(syntax, word, random);
    default:
      return syntax;
  }
}

/** `append(x)` and the like act on what the key holds: they cannot stand inside a value. */
function refuseEdit(element: Element): Element {
  if (element.kind !== "edit") return element;
  throw new CallFault(`${element.edit}(…) cannot stand within a list or dict`, {
    fix: "write it as the whole value of a key that holds a list",
    span: element.span,
  });
}

/** Of entries with one key the first keeps its place and spelling, the last gives the value. */
function dictElement(entries: readonly DictEntry[], span: DictElement["span"]): DictElement {
  const kept = new Map<unknown, DictEntry>();
  for (const entry of entries) {
    const same = comparedKey(entry.key);
    kept.set(same, { key: kept.get(same)?.key ?? entry.key, value: entry.value });
  }
  return { kind: "dict", entries: [...kept.values()], span };
}

/** One value for keys that are equal in Python: `true`, `1` and `1.0`; a nan equals nothing. */
function comparedKey(key: Scalar): unknown {
  const number = numberOf(key);
  if (number === undefined) return key;
  if (Number.isNaN(number)) return Symbol("nan");
  return Number.isInteger(number) ? BigInt(number) : number;
}

function evaluateCall(call: CallSyntax, word: string, random: Random): Element {
  const args = call.arguments.map((argument, index) => {
    if (argument.name === null && typeof call.arguments[index - 1]?.name === "string") {
      throw new SyntaxFault("a positional argument cannot follow a named one", argument.span);
    }
    return { ...argument, value: evaluate(argument.value, word, random) };
  });
  try {
    const text = word.slice(call.span.start, call.span.end);
    return callFunction(call.name, args, { span: call.span, text, random });
  } catch (fault) {
    if (!(fault instanceof CallFault)) throw fault;
    throw fault.code === "OVERRIDE_UNKNOWN_FUNCTION"
      ? unknownFunction(call)
      : fault.within(call.span, `write ${functionUsage(call.name)}`);
  }
}

function unknownFunction(call: CallSyntax): CallFault {
  const guess = didYouMean(call.name, functionNames);
  const fix = `${guess === undefined ? "" : `${guess} `}there are: ${functionNames.join(", ")}`;
  return new CallFault(`unknown function '${call.name}'`, {
    code: "OVERRIDE_UNKNOWN_FUNCTION",
    fix,
    span: call.nameSpan,
  });
}
