import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The `.wandb` files below a run's folder, oldest first. */
export function wandbFiles(runDir: string): string[] {
  const folder = join(runDir, "wandb");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith("offline-run-"))
    .sort()
    .flatMap((name) =>
      readdirSync(join(folder, name))
        .filter((file) => file.endsWith(".wandb"))
        .map((file) => join(folder, name, file)),
    );
}
