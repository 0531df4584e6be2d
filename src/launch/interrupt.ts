import { LaunchError } from "./errors.ts";

/** Exit code of a program that was interrupted. */
export const interruptedExitCode = 130;

const signalNames = ["SIGINT", "SIGTERM"] as const;

/**
 * One Ctrl-C may arrive twice: the terminal sends it to the whole group, and npm or timeout passes its own on. So soon after
 * the first, a signal is the same one.
 */
const SAME_SIGNAL_MS = 100;

/**
 * Calls `work` with a signal that aborts on the first SIGINT or SIGTERM. `work` then has the time that it needs to end
 * well; a second signal ends the process at once.
 */
export async function withInterrupts<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let abortedAt = Number.NEGATIVE_INFINITY;
  const onSignal = (name: NodeJS.Signals) => {
    if (performance.now() - abortedAt < SAME_SIGNAL_MS) return;
    if (controller.signal.aborted) process.exit(interruptedExitCode);
    abortedAt = performance.now();
    controller.abort(
      new LaunchError("LAUNCH_INTERRUPTED", `interrupted by ${name}`, { fix: "once more ends it at once" }),
    );
  };
  for (const name of signalNames) process.on(name, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of signalNames) process.off(name, onSignal);
  }
}
