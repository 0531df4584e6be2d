import { LaunchError } from "./errors.ts";

/** Exit code of a program that was interrupted. */
export const interruptedExitCode = 130;

/** Exit code of a job's process that was told to end: 128 and the signal's number, as shells have it. */
const exitCodes: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGINT: 130,
  SIGTERM: 143,
  SIGUSR2: 140,
};

const signalNames: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

/**
 * One Ctrl-C may arrive twice: the terminal sends it to the whole group, and npm or timeout passes its own on. So soon after
 * the first, a signal is the same one.
 */
const SAME_SIGNAL_MS = 100;

/** Why work was told to stop: the first signal that came. */
export class Interruption extends LaunchError {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super("LAUNCH_INTERRUPTED", `interrupted by ${signal}`, { fix: "once more ends it at once" });
    this.signal = signal;
  }

  get exitCode(): number {
    return exitCodes[this.signal] ?? interruptedExitCode;
  }
}

/**
 * Calls `work` with a signal that aborts on the first SIGINT or SIGTERM. `work` then has the time that it needs to end
 * well; a second signal ends the process at once.
 *
 * @param names  other signals that mean the same, such as the one by which a cluster says that the time is nearly up
 */
export async function withInterrupts<T>(
  work: (signal: AbortSignal) => Promise<T>,
  names: readonly NodeJS.Signals[] = signalNames,
): Promise<T> {
  const controller = new AbortController();
  let abortedAt = Number.NEGATIVE_INFINITY;
  const onSignal = (name: NodeJS.Signals) => {
    if (performance.now() - abortedAt < SAME_SIGNAL_MS) return;
    if (controller.signal.aborted) process.exit(interruptedExitCode);
    abortedAt = performance.now();
    controller.abort(new Interruption(name));
  };
  for (const name of names) process.on(name, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of names) process.off(name, onSignal);
  }
}
