/** The process around an app. `main` uses the real one; tests and other programs may give their own. */
export interface AppHost {
  /** Absolute; relative folders start here. It is never changed. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  stdout(text: string): void;
  stderr(text: string): void;
  now(): Date;
}

/** The process that we run in. */
export function processHost(): AppHost {
  return {
    cwd: process.cwd(),
    env: process.env,
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    now: () => new Date(),
  };
}
