import { stat } from "node:fs/promises";

/** Whether there is a file or a folder of that name. */
export async function pathExists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
