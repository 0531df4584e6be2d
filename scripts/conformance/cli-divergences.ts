import type { CliAnswer, CliCase } from "./cli.ts";
import type { DivergenceRule } from "./replay.ts";

const refused: CliAnswer = { exit: 2, stdout: "", files: {}, hydra: {} };

/** Command lines that we answer otherwise than Hydra 1.3 on purpose. Anything outside these rules is a bug. */
export const cliDivergences: readonly DivergenceRule<CliCase, CliAnswer>[] = [
  {
    name: "package-without-cfg",
    reason: "Hydra ignores --package without --cfg and runs the app; we say that it goes with --cfg",
    applies: ({ argv = [] }) => hasFlag(argv, "package", "p") && !hasFlag(argv, "cfg", "c"),
    promised: () => refused,
  },
  {
    name: "package-of-nothing",
    reason: "Hydra says 'not found' of a key that is null or ???; we print its value",
    applies: ({ argv = [], expect }) =>
      hasFlag(argv, "package", "p") && expect.exit === 1 && nothingAt(flagValue(argv, "package", "p"), expect) !== undefined,
    promised: ({ expect }) => ({ ...expect, exit: 0, stdout: "" }),
  },
];

function hasFlag(argv: readonly string[], long: string, short: string): boolean {
  return argv.some((word) => word === `-${short}` || word === `--${long}` || word.startsWith(`--${long}=`));
}

function flagValue(argv: readonly string[], long: string, short: string): string | undefined {
  const at = argv.findIndex((word) => word === `-${short}` || word === `--${long}`);
  if (at !== -1) return argv[at + 1];
  return argv.find((word) => word.startsWith(`--${long}=`))?.slice(long.length + 3);
}

function nothingAt(_path: string | undefined, _expect: CliAnswer): string | undefined {
  return undefined;
}
