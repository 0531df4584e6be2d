import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);
const shared = process.env["TTM_SHARED"] ?? resolve(import.meta.dirname, "../../../shared");
const script = join(shared, "scripts/mlflow-test-server");

/** Why the tests with a real server cannot run here, or undefined. */
export const whyNoServer = existsSync(script) ? undefined : `there is no MLflow test server (${script})`;

/** A real server of our own, that can be killed and brought back with its data. */
export class MlflowServer {
  readonly #name: string;
  readonly #options: readonly string[];
  uri = "";

  constructor(name: string, options: readonly string[]) {
    this.#name = `${name}-${process.pid}`;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { stdout } = await run(script, ["start", "--name", this.#name, ...this.#options], {
      timeout: 280_000,
    });
    this.uri = stdout.trim();
  }

  async kill(): Promise<void> {
    await run(script, ["kill", "--name", this.#name]);
  }

  async wipe(): Promise<void> {
    await run(script, ["wipe", "--name", this.#name]);
  }
}

/** The interpreter that has MLflow. */
export async function mlflowPython(): Promise<string> {
  return (await run(script, ["python"], { timeout: 280_000 })).stdout.trim();
}

export interface DumpedRun {
  readonly id: string;
  readonly status: string;
  readonly end_time: number;
  readonly parent: string | null;
  readonly params: Record<string, string>;
  readonly tags: Record<string, string>;
  readonly metrics: Record<string, [number, number, number | string][]>;
  readonly artifacts: { readonly path: string; readonly size: number; readonly sha256: string }[];
}

/** What the server holds of an experiment, read by MLflow's own client. */
export async function dump(uri: string, experiment: string): Promise<DumpedRun[]> {
  const args = [join(shared, "scripts/mlflow-dump.py"), "--uri", uri, "--experiment", experiment];
  const { stdout } = await run("python3", args, { maxBuffer: 2 ** 28, timeout: 200_000 });
  return JSON.parse(stdout).runs;
}

export interface FaultProxy {
  readonly uri: string;
  readonly stop: () => Promise<void>;
  readonly counts: () => Promise<Record<string, unknown>>;
}

/** A proxy before a server that breaks as the rules say. */
export async function startFaultProxy(target: string, rules: readonly object[]): Promise<FaultProxy> {
  const plan = join(tmpdir(), `ttm-fault-plan-${process.pid}-${Date.now()}.json`);
  await writeFile(plan, JSON.stringify({ name: "tracking", seed: 1, rules }));
  const child = spawn(
    process.execPath,
    [join(shared, "scripts/fault-proxy.mjs"), "--target", target, "--plan", plan, "--quiet"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const line = await new Promise<string>((done) =>
    createInterface({ input: child.stdout }).once("line", done),
  );
  const { proxy, control } = JSON.parse(line);
  return {
    uri: proxy,
    counts: async () => (await fetch(`${control}/counts`)).json() as Promise<Record<string, unknown>>,
    stop: async () => {
      await fetch(`${control}/stop`, { method: "POST" }).catch(() => undefined);
      child.kill();
    },
  };
}
