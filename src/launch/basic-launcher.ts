import type { Launcher, LauncherRequest } from "./launcher.ts";

/** One job after the other, in this process. */
export function basicLauncher(request: LauncherRequest): Launcher {
  return {
    slots: 1,
    jobId: (num) => String(num),
    launch: (job, signal, hooks) => {
      hooks?.onStarted?.();
      return request.runHere(job, signal, hooks);
    },
    close: async () => {},
  };
}
