import { isCancelled, LaunchError } from "../launch/index.ts";

/** How often a sweep looks whether somebody has cancelled it. */
const LOOK_MS = 1000;

/** A signal that aborts with `signal`, and also when the sweep of a folder is cancelled, from whatever machine. */
export function watchCancel(dir: string, signal: AbortSignal): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const look = () => {
    if (isCancelled(dir)) controller.abort(cancelled());
  };
  look();
  const timer = setInterval(look, LOOK_MS).unref();
  return { signal: AbortSignal.any([signal, controller.signal]), stop: () => clearInterval(timer) };
}

function cancelled(): LaunchError {
  return new LaunchError("LAUNCH_INTERRUPTED", "the sweep was cancelled", {
    fix: "to go on with it after all, resume it",
  });
}
