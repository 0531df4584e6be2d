import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "./doc-blocks.ts";

const doors = {
  ttm: "index.ts",
  "ttm/config": "app/index.ts",
  "ttm/autodiff": "autodiff/index.ts",
  "ttm/lora": "lora/index.ts",
  "ttm/tracking": "tracking/index.ts",
};

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user's project in a temporary folder, in which `ttm` and its doors are this repository's source. */
export class ScratchProject {
  readonly dir = mkdtempSync(join(tmpdir(), "ttm-docs-"));

  constructor() {
    const paths = Object.entries(doors).map(([door, file]) => [door, [join(root, "src", file)]]);
    symlinkSync(join(root, "node_modules"), join(this.dir, "node_modules"));
    symlinkSync(join(root, "conf"), join(this.dir, "conf"));
    this.write("package.json", JSON.stringify({ type: "module" }));
    // A snippet may show a value without using it, and names this repository's files by their whole path.
    const compilerOptions = {
      paths: Object.fromEntries(paths),
      noUnusedLocals: false,
      rewriteRelativeImportExtensions: false,
    };
    this.write(
      "tsconfig.json",
      JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include: ["*.ts"] }),
    );
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.dir, file)), { recursive: true });
    writeFileSync(join(this.dir, file), text);
  }

  /** Runs one of its programs as `npx tsx FILE` does. */
  run(file: string, words: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const tsx = import.meta.resolve("tsx");
    return this.#node(["--import", tsx, join(this.dir, file), ...words], {
      TSX_TSCONFIG_PATH: join(this.dir, "tsconfig.json"),
      ...env,
    });
  }

  /** The compiler's complaints about its programs; those about this repository's source are another test's. */
  async typeErrors(): Promise<string[]> {
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = await this.#node([compiler, "--noEmit", "--pretty", "false", "-p", this.dir]);
    return stdout.split("\n").filter((line) => /^[\w.-]+\.ts\(/.test(line));
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }

  #node(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return new Promise((resolve) => {
      const options = { cwd: this.dir, env: { ...process.env, ...env }, maxBuffer: 2 ** 26 };
      execFile(process.execPath, words, options, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
      });
    });
  }
}
