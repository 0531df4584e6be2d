import { join } from "node:path";

/** Stands in the folder of a job that should end at its next report: how jobs hear it that have no channel to the sweep. */
export function stopFile(folder: string): string {
  return join(folder, "stop");
}
