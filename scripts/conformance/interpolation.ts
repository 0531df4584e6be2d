import type { PlainValue, Resolver } from "../../src/config/index.ts";
import { Interpolator, isContainer, loadYaml } from "../../src/config/index.ts";
import { type Answer, answerOf, canonicalAnswer } from "./answer.ts";
import { beyondHydra } from "./beyond-hydra.ts";
import type { DivergenceRule, ReplayResult } from "./replay.ts";
import { judge } from "./replay.ts";
import { taggedNode } from "./tagged.ts";

export interface InterpolationCase {
  readonly id: string;
  readonly yaml: string;
  readonly path?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly expect: Answer;
}

const divergences: readonly DivergenceRule<InterpolationCase, Answer>[] = [
  {
    ...beyondHydra.extensions,
    applies: ({ yaml, expect }) => expect.error?.kind === "resolver-unknown" && /\$\{\s*expr\s*:/.test(yaml),
    // Hydra has no answer to compare with; what expressions give is held by tests of their own.
    promised: answerTo,
  },
];

/** The resolvers that the corpora use beside the built-in ones. */
export const corpusResolvers: Readonly<Record<string, Resolver>> = {
  args: (args) => [...args],
  id: (args) => {
    if (args.length !== 1) throw new TypeError("id takes one argument");
    return args[0] ?? null;
  },
  mul: ([a, b, ...rest]) => {
    if (rest.length > 0 || a === undefined || b === undefined) throw new TypeError("mul takes two arguments");
    return product(a, b);
  },
  "ns.f": (args) => `ns:${args.length}`,
  data: (args) => {
    if (args.length > 0) throw new TypeError("data takes no arguments");
    return new Map<string, PlainValue>([
      ["p", 1n],
      ["q", [1n, `\${a}`]],
    ]);
  },
  boom: () => {
    throw new Error("boom");
  },
};

/** Python's `a * b` on numbers, and of a text with an int. */
function product(a: PlainValue, b: PlainValue): PlainValue {
  const [left, right] = [asNumber(a), asNumber(b)];
  if (typeof left === "bigint" && typeof right === "bigint") return left * right;
  if (left !== undefined && right !== undefined) return Number(left) * Number(right);
  if (typeof a === "string" && typeof right === "bigint") return repeated(a, right);
  if (typeof b === "string" && typeof left === "bigint") return repeated(b, left);
  throw new TypeError("mul takes numbers");
}

function asNumber(value: PlainValue): bigint | number | undefined {
  if (typeof value === "boolean") return value ? 1n : 0n;
  return typeof value === "bigint" || typeof value === "number" ? value : undefined;
}

function repeated(text: string, times: bigint): string {
  return text.repeat(Math.max(0, Number(times)));
}

/** Reads a path of each config, or resolves all of it. */
export function* replayInterpolation(corpus: {
  readonly cases: readonly InterpolationCase[];
}): Iterable<ReplayResult> {
  for (const item of corpus.cases) yield judge(item, answerTo(item), divergences, canonicalAnswer);
}

function answerTo({ yaml, path, env = {} }: InterpolationCase): Answer {
  return answerOf(() => {
    const root = loadYaml(yaml, "<file>");
    if (!isContainer(root)) throw new TypeError("a config is a container");
    const interpolator = new Interpolator(root, { env, resolvers: corpusResolvers });
    if (path === undefined) return { value: taggedNode(interpolator.resolveTree()) };
    const found = interpolator.select(path);
    return { value: found === undefined ? { t: "null" } : taggedNode(found.node) };
  });
}
