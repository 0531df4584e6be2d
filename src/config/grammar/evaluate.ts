import { didYouMean, type Random } from "../../core/index.ts";
import type { DictElement, DictEntry, Element } from "./ast.ts";
import { CallFault, SyntaxFault } from "./faults.ts";
import { callFunction, functionNames, functionUsage } from "./functions.ts";
import { scalarsEqual } from "./order.ts";
import type { CallSyntax, Syntax } from "./syntax.ts";

/**
 * Calls the functions in a parsed value, innermost first.
 *
 * @throws {CallFault} with the span of the call that failed
 * @throws {SyntaxFault} for a positional argument after a named one
 */
export function evaluate(syntax: Syntax, word: string, random: Random): Element {
  const again = (inner: Syntax): Element => evaluate(inner, word, random);
  switch (syntax.kind) {
    case "list":
      return { ...syntax, items: syntax.items.map(again) };
    case "dict":
      return dictElement(
        syntax.entries.map(({ key, value }) => ({ key, value: again(value) })),
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

/** Of entries with one key the first keeps its place and spelling, the last gives the value. */
function dictElement(entries: readonly DictEntry[], span: DictElement["span"]): DictElement {
  const kept: DictEntry[] = [];
  for (const entry of entries) {
    const place = kept.findIndex(({ key }) => scalarsEqual(key, entry.key));
    const earlier = kept[place];
    if (earlier === undefined) kept.push(entry);
    else kept[place] = { key: earlier.key, value: entry.value };
  }
  return { kind: "dict", entries: kept, span };
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
