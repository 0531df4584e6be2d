import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { BenchError } from "./errors.ts";

/** What stands behind a benchmark's name on the command line. */
export interface BenchOptions {
  /** Lines of JSON instead of lines for people. */
  readonly json: boolean;
  /** A Python interpreter that runs the peer in turn with ours. */
  readonly peer: string | null;
  readonly rounds: number;
  /** The benchmark's own options, as texts. */
  readonly values: Readonly<Record<string, string | undefined>>;
  /** Leave out what is slow and not the point. */
  readonly quick: boolean;
}

/** @throws {BenchError} BENCH_BAD_OPTION */
export function parseOptions(words: readonly string[]): { names: readonly string[]; options: BenchOptions } {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        json: flag,
        quick: flag,
        peer: text,
        rounds: text,
        targets: text,
        dropout: text,
        modes: text,
        threads: text,
        steps: text,
        piece: text,
        device: text,
        amp: text,
        "steps-per-run": text,
      },
    });
    const { json, quick, peer, rounds, ...own } = values;
    return {
      names: positionals,
      options: {
        json,
        quick,
        peer: peer ?? null,
        rounds: wholeNumber(rounds ?? (peer ? "2" : "1"), "--rounds"),
        values: own,
      },
    };
  } catch (cause) {
    if (cause instanceof BenchError) throw cause;
    throw new BenchError("BENCH_BAD_OPTION", cause instanceof Error ? cause.message : String(cause), {
      fix: "npm run bench -- NAME [--json] [--peer PYTHON] [--rounds N] [--quick]",
      cause,
    });
  }
}

export function wholeNumber(text: string, option: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new BenchError("BENCH_BAD_OPTION", `${option} is '${text}', not a whole number from 1 on`, {
    fix: `${option} 2`,
  });
}

/** The entries of a list such as `off,recipe`, all of them known. */
export function listOf<Name extends string>(text: string, option: string, known: readonly Name[]): Name[] {
  return text.split(",").map((word) => {
    const name = known.find((candidate) => candidate === word);
    if (name !== undefined) return name;
    throw new BenchError("BENCH_BAD_OPTION", `${option} has no '${word}'`, {
      fix: `${option} takes ${known.join(", ")}`,
    });
  });
}

/** Cores that a benchmark uses where nothing else is asked for; the baselines were measured with 2. */
export function defaultThreads(): string {
  return String(Math.min(2, cpus().length));
}
