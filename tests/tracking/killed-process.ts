import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "../..");

/** The tracking room as one module that plain Node loads in a moment; below node_modules, where its packages are found. */
export async function bundleTracking(): Promise<string> {
  const outfile = join(root, `node_modules/.cache/ttm-tests/${process.pid}/tracking.mjs`);
  mkdirSync(dirname(outfile), { recursive: true });
  await build({
    entryPoints: [join(root, "src/tracking/index.ts")],
    outfile,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
  });
  return outfile;
}

export interface TrackedProcess {
  readonly child: ChildProcess;
  /** Ends it with SIGKILL after so many milliseconds, and waits until it is gone. */
  killAfter(milliseconds: number): Promise<void>;
}

/** Runs a module's text that may import `tracking`; what it prints goes to a file. */
export function runModule(tracking: string, text: string, output: string): TrackedProcess {
  const out = openSync(output, "a");
  const script = `import * as tracking from ${JSON.stringify(tracking)};\n${text}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", out, "ignore"],
    cwd: root,
  });
  closeSync(out);
  const gone = new Promise<void>((done) => child.once("exit", () => done()));
  return {
    child,
    killAfter: async (milliseconds) => {
      const timer = setTimeout(() => child.kill("SIGKILL"), milliseconds);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** A program that logs two metrics a step for ever and prints, past the tracker and at once, each step whose call has returned. */
export function trainingText(tracker: string, runDir: string, experimentName: string): string {
  return `
    import { writeSync } from "node:fs";
    const { CompositeTracker, MLflowExperimentTracker, SimpleExperimentTracker, WandbExperimentTracker } = tracking;
    const tracker = ${tracker};
    await tracker.startExperiment({ experimentName: ${JSON.stringify(experimentName)}, runDir: ${JSON.stringify(runDir)} });
    await tracker.logParams({ training: { learning_rate: 1e-3 } });
    for (let step = 0; ; step++) {
      tracker.logMetrics({ a: step / 7, b: step % 50 ? step : NaN }, { step });
      writeSync(1, step + "\\n");
      if (step % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }`;
}

/** The last step whose call had returned before the process died; -1 where there was none. */
export function lastReturned(output: string): number {
  if (!existsSync(output)) return -1;
  const lines = readFileSync(output, "utf8").split("\n");
  return lines.length < 2 ? -1 : Number(lines.at(-2));
}
