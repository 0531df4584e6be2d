import type { Composition, MapNode } from "../config/index.ts";
import { engineOrigin, entry, mapNode, scalarNode, withEntry, withHydra } from "../config/index.ts";

/** What is known of a job once it has a folder and an id. */
export interface JobPlace {
  /** Absolute, made already. */
  readonly outputDir: string;
  /** Given by the launcher; null in a single run. */
  readonly id: string | null;
}

/** The composition with `hydra.runtime.output_dir` and `hydra.job.id` set. */
export function placeComposition(composition: Composition, place: JobPlace): Composition {
  const withFolder = put(composition.hydra, "runtime", "output_dir", place.outputDir);
  return withHydra(composition, place.id === null ? withFolder : put(withFolder, "job", "id", place.id));
}

const origin = engineOrigin("set when the job got its folder");

function put(root: MapNode, section: string, key: string, text: string): MapNode {
  const held = entry(root, section);
  const map = held?.kind === "map" ? held : mapNode(new Map(), origin);
  return withEntry(root, section, withEntry(map, key, { ...scalarNode(text, origin), literal: true }));
}
