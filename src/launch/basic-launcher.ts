import type { Launcher, LauncherRequest } from "./launcher.ts";

/** One job after the other, in this process. */
export function basicLauncher(request: LauncherRequest): Launcher {
  return {
    slots: 1,
    jobId: (num) => String(num),
    launch: (job, signal) => request.runHere(job, signal),
    close: async () => {},
  };
}
