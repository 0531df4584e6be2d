import { cpSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { BenchError } from "./errors.ts";
import { lastLines, runProgram } from "./run-program.ts";

const repository = resolve(import.meta.dirname, "../..");
const compiled = join(repository, "node_modules/.cache/ttm-bench");

/**
 * Compiles the project and these scripts as a user gets it, so that no loader's time and memory is measured.
 *
 * @returns the folder that stands for the repository's root
 */
export async function compileProject(): Promise<string> {
  const compiler = join(repository, "node_modules/typescript/bin/tsc");
  const result = await runProgram(process.execPath, [
    compiler,
    "-p",
    join(import.meta.dirname, "tsconfig.json"),
  ]);
  if (result.exitCode !== 0) {
    throw new BenchError("BENCH_NO_BUILD", "the project does not compile", {
      where: lastLines(result),
      fix: "npm run check",
    });
  }
  writeFileSync(join(compiled, "package.json"), '{ "type": "module" }\n');
  for (const folder of ["src/onnx/proto/generated", "src/config/hydra-conf"]) {
    cpSync(join(repository, folder), join(compiled, folder), { recursive: true });
  }
  return compiled;
}
