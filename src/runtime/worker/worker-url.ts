import { extname } from "node:path";

/**
 * The module of a worker beside the calling one: `.ts` when the program runs from source, `.js` when it is built.
 *
 *     spawnWorker(workerUrl("gradient-worker", import.meta.url), …)
 *
 * @param name  file name without its ending
 * @param base  the caller's `import.meta.url`
 */
export function workerUrl(name: string, base: string): URL {
  return new URL(`./${name}${extname(new URL(base).pathname)}`, base);
}
