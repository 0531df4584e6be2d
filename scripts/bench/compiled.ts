import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { BenchError } from "./errors.ts";
import { lastLines, runProgram } from "./run-program.ts";

const repository = resolve(import.meta.dirname, "../..");
const compiled = join(repository, "node_modules/.cache/ttm-bench");

/**
 * Compiles the project and these scripts as a user gets it, so that no loader's time and memory is measured.
 *
 * @param bundled  joins its modules too, for what measures how fast a command starts; then only doors may be imported
 * @returns the folder that stands for the repository's root
 */
export async function compileProject({ bundled = false } = {}): Promise<string> {
  // What was bundled last time must be compiled again, not bundled once more.
  rmSync(compiled, { recursive: true, force: true });
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
  for (const folder of [
    "src/onnx/proto/generated",
    "src/tracking/wandb/generated",
    "src/config/hydra-conf",
  ]) {
    cpSync(join(repository, folder), join(compiled, folder), { recursive: true });
  }
  if (bundled) await bundle();
  return compiled;
}

async function bundle(): Promise<void> {
  const bundler = join(repository, "scripts/bundle.js");
  const result = await runProgram(process.execPath, [bundler, join(compiled, "src")]);
  if (result.exitCode === 0) return;
  throw new BenchError("BENCH_NO_BUILD", "the project does not bundle", {
    where: lastLines(result),
    fix: "npm run build",
  });
}
