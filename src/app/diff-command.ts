import { type Node, toPlain } from "../config/index.ts";
import { commandList } from "./command-list.ts";
import type { AppCommand } from "./commands.ts";
import { type DiffOperand, diffOperand } from "./diff-operand.ts";
import { type Difference, diffTrees, nodeLine } from "./diff-trees.ts";
import { AppError } from "./errors.ts";
import { parseWords } from "./parse-words.ts";

/**
 * `diff A B`: two configs, key by key, with who set each. A side is a run's folder, a YAML file, the name of a primary
 * config, or override words in one text; `diff A… -- B…` takes them as words of their own.
 */
export const diffCommand: AppCommand = {
  async run(app, words) {
    const own = new Set<string>(words.filter((word) => word === "--resolve" || word === "--json"));
    const rest = words.filter((word) => !own.has(word));
    const { sides, flags } = sidesOf(rest, `${app.options.name} ${commandList.diff.usage}`);
    const options = { app, line: parseWords(flags), resolve: own.has("--resolve") };
    const [a, b] = sides.map((side) => diffOperand(side, options)) as [DiffOperand, DiffOperand];
    const differences = diffTrees(a.tree, b.tree);
    app.host.stdout(own.has("--json") ? jsonText(a, b, differences) : diffText(a, b, differences));
    return 0;
  },
};

interface Sides {
  readonly sides: readonly (readonly string[])[];
  readonly flags: readonly string[];
}

function sidesOf(words: readonly string[], usage: string): Sides {
  const at = words.indexOf("--");
  if (at !== -1) {
    const before = takeFlags(words.slice(0, at));
    return { sides: [before.operands, words.slice(at + 1)], flags: before.flags };
  }
  const { operands, flags } = takeFlags(words);
  const [a, b, ...more] = operands;
  if (a !== undefined && b !== undefined && more.length === 0) return { sides: [[a], [b]], flags };
  throw new AppError("APP_COMMAND_USAGE", `diff takes two sides, not ${operands.length}`, {
    where: ["diff", ...words].join(" "),
    fix: `${usage}; several words on a side: in quotes, or diff A… -- B…`,
  });
}

/** Flags with a value come as two words here. */
function takeFlags(words: readonly string[]): { operands: readonly string[]; flags: readonly string[] } {
  const operands: string[] = [];
  const flags: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (!word.startsWith("-") || word === "") operands.push(word);
    else if (word.includes("=")) flags.push(word);
    else flags.push(word, ...words.slice(++at, at + 1));
  }
  return { operands, flags };
}

/**
 *     - A  outputs/one
 *     + B  training.lr=0.01
 *
 *     training.lr
 *       - 0.001   conf/training/default.yaml:3:5
 *       + 0.01    override 1 of 1   training.lr=0.01
 *
 *     1 key differs
 */
function diffText(a: DiffOperand, b: DiffOperand, differences: readonly Difference[]): string {
  const head = `- A  ${a.name}\n+ B  ${b.name}\n`;
  const body = differences.map((one) => `\n${one.key}\n${sideLines(a, b, one)}`).join("");
  const count = differences.length;
  return `${head}${body}\n${count === 0 ? "no key differs" : count === 1 ? "1 key differs" : `${count} keys differ`}\n`;
}

function sideLines(a: DiffOperand, b: DiffOperand, { key, a: before, b: after }: Difference): string {
  const rows = [
    ["-", a, before],
    ["+", b, after],
  ] as const;
  const width = Math.max(...rows.map(([, , node]) => (node === undefined ? 0 : nodeLine(node).length)));
  return rows
    .filter(([, , node]) => node !== undefined)
    .map(([sign, side, node]) => `  ${sign} ${nodeLine(node as Node).padEnd(width)}   ${side.place(key)}\n`)
    .join("");
}

function jsonText(a: DiffOperand, b: DiffOperand, differences: readonly Difference[]): string {
  const side = (operand: DiffOperand, key: string, node: Node | undefined) =>
    node === undefined ? null : { value: toPlain(node), place: operand.place(key) };
  const rows = differences.map(({ key, a: before, b: after }) => ({
    key,
    a: side(a, key, before),
    b: side(b, key, after),
  }));
  const text = JSON.stringify(
    { a: a.name, b: b.name, differences: rows },
    (_key, value: unknown) => (typeof value === "bigint" ? Number(value) : value),
    2,
  );
  return `${text}\n`;
}
