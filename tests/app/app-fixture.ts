import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { App, AppOptions, JobContext } from "../../src/app/index.ts";
import { defineApp } from "../../src/app/index.ts";

/** A config folder in a new temporary folder, and an app that runs there. */
export interface Fixture {
  readonly root: string;
  readonly app: App;
  /** What the task was handed, call by call. */
  readonly calls: { config: unknown; context: JobContext }[];
  /** Runs a command line in the folder. */
  run(
    argv: readonly string[],
    env?: Record<string, string>,
  ): Promise<{ exit: number; stdout: string; stderr: string }>;
  read(path: string): string;
  has(path: string): boolean;
  remove(): void;
}

export const files = {
  "conf/config.yaml":
    "defaults:\n  - db: mysql\n  - _self_\nrate: 0.1\nseed: 1\nname: ${db.host}-${seed}\nout: ${hydra:runtime.output_dir}\n",
  "conf/db/mysql.yaml": "host: my\nport: 3306\n",
  "conf/db/pg.yaml": "host: pg\nport: 5432\n",
  "conf/other.yaml": "defaults: [db: pg]\nrate: 2.0\nseed: 7\nname: other\nout: ''\n",
  "extra/db/lite.yaml": "host: lite\nport: 0\n",
};

const schema = z.strictObject({
  db: z.strictObject({ host: z.string(), port: z.int() }),
  rate: z.number().positive(),
  seed: z.int(),
  name: z.string(),
  out: z.string(),
});

export type FixtureConfig = z.infer<typeof schema>;

export type FixtureTask = (
  config: FixtureConfig,
  context: JobContext,
) => ReturnType<Parameters<typeof defineApp>[1]>;

export function fixture(
  task: FixtureTask = () => undefined,
  options: Partial<AppOptions<typeof schema>> = {},
): Fixture {
  const root = mkdtempSync(join(tmpdir(), "ttm-app-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const calls: Fixture["calls"] = [];
  const app = defineApp(
    {
      name: "app",
      configDir: join(root, "conf"),
      configName: "config",
      version: "1.2.3",
      ...options,
      schema,
    },
    (config, context) => {
      calls.push({ config, context });
      return task(config, context);
    },
  );
  return {
    root,
    app,
    calls,
    async run(argv, env = {}) {
      let stdout = "";
      let stderr = "";
      const exit = await app.main(argv, {
        cwd: root,
        env,
        now: () => new Date(2026, 0, 2, 3, 4, 5),
        stdout: (text) => {
          stdout += text;
        },
        stderr: (text) => {
          stderr += text;
        },
      });
      return { exit, stdout, stderr };
    },
    read: (path) => readFileSync(join(root, path), "utf8"),
    has: (path) => existsSync(join(root, path)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
