import { BenchError } from "./errors.ts";
import { lastLines, type ProgramResult, runProgram } from "./run-program.ts";
import { sharedFile } from "./shared-file.ts";

const failed = (errors: string): ProgramResult => ({ exitCode: null, output: "", errors });

/** Writes the baseline's conf tree, of 30 files (small) or 60, and its app into a folder. */
export async function makeTree(python: string, size: string, folder: string): Promise<void> {
  const script = sharedFile("baselines/hydra_cli/make_conf.py");
  const result = await runProgram(python, [script, size, folder]).catch((cause: Error) =>
    failed(cause.message),
  );
  if (result.exitCode === 0) return;
  throw new BenchError("BENCH_RUN_FAILED", "the baseline's conf tree could not be written", {
    where: lastLines(result),
    fix: "have python3 on the PATH, or give --peer PYTHON",
  });
}
