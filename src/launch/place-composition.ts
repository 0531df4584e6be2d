import type { Composition, InterpolatorOptions, MapNode, Node } from "../config/index.ts";
import { engineOrigin, entry, Interpolator, mapNode, scalarNode, withEntry } from "../config/index.ts";

/** What is known of a job once it has a folder and an id. */
export interface JobPlace {
  /** Absolute, made already. */
  readonly outputDir: string;
  /** Given by the launcher; null in a single run. */
  readonly id: string | null;
}

/**
 * The composition with `hydra.runtime.output_dir` and `hydra.job.id` set, and what reads it reading the new values.
 *
 * @param interpolation  the clock, environment and resolvers that the composition was made with
 */
export function placeComposition(
  composition: Composition,
  place: JobPlace,
  interpolation: InterpolatorOptions,
): Composition {
  const withFolder = put(composition.hydra, "runtime", "output_dir", place.outputDir);
  const hydra = place.id === null ? withFolder : put(withFolder, "job", "id", place.id);
  const all = withEntry(composition.all, "hydra", hydra);
  const options = { ...interpolation, hydra: all };
  return {
    ...composition,
    hydra,
    all,
    interpolator: (tree = "task") => new Interpolator(tree === "all" ? all : composition.config, options),
  };
}

const origin = engineOrigin("set when the job got its folder");

function put(root: MapNode, section: string, key: string, text: string): MapNode {
  const held: Node | undefined = entry(root, section);
  const map = held?.kind === "map" ? held : mapNode(new Map(), origin);
  return withEntry(root, section, withEntry(map, key, { ...scalarNode(text, origin), literal: true }));
}
