import { didYouMean, formatError, TtmError } from "../../src/core/index.ts";
import { type BenchOptions, parseOptions } from "./bench-options.ts";
import { benchCompose } from "./compose.ts";
import { BenchError } from "./errors.ts";
import { benchSamplers } from "./samplers.ts";
import { showLine } from "./show-line.ts";
import { benchStep } from "./step.ts";
import { benchSweep } from "./sweep.ts";
import { benchTracking } from "./tracking.ts";

type Bench = (options: BenchOptions) => AsyncIterable<Record<string, unknown>>;

/** One row for each thing that can be measured. */
const benches: Readonly<Record<string, Bench>> = {
  step: benchStep,
  compose: benchCompose,
  sweep: benchSweep,
  samplers: benchSamplers,
  tracking: benchTracking,
};

async function main(words: readonly string[]): Promise<number> {
  const { names, options } = parseOptions(words);
  const [name] = names;
  if (names.length !== 1 || name === undefined) throw usage("name one thing to measure", "");
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (!bench) throw usage(`there is no benchmark '${name}'`, didYouMean(name, Object.keys(benches)) ?? "");
  for await (const line of bench(options)) {
    process.stdout.write(`${options.json ? JSON.stringify(line) : showLine(line)}\n`);
  }
  return 0;
}

function usage(what: string, guess: string): BenchError {
  const names = Object.keys(benches).join(", ");
  return new BenchError("BENCH_UNKNOWN_NAME", what, {
    fix: [guess, `npm run bench -- NAME [--json] [--peer PYTHON], NAME one of: ${names}`]
      .filter(Boolean)
      .join("\n"),
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof TtmError)) throw error;
  process.stderr.write(`${formatError(error)}\n`);
  process.exitCode = 2;
}
