import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The folder that `pkg://NAME/FOLDER` means: FOLDER inside the npm package NAME, which is looked for as Node looks for
 * it, in the `node_modules` of each start and of the folders above it. `pkg://a.b.conf`, as Hydra writes it, is
 * `pkg://a/b/conf`.
 *
 * @param name    what stands behind `pkg://`
 * @param starts  absolute folders, the first first
 * @returns undefined where no package has it
 */
export function packageFolder(name: string, starts: readonly string[]): string | undefined {
  const paths = [name, name.replaceAll(".", "/")].filter((path) => !/(^|\/)\.\.?(\/|$)/.test(path));
  for (const folder of starts.flatMap(withParents)) {
    const found = paths.map((path) => join(folder, "node_modules", path)).find((path) => existsSync(path));
    if (found !== undefined) return found;
  }
  return undefined;
}

function withParents(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...withParents(parent)];
}
