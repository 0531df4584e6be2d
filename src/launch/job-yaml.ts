import type { Composition, ScalarNode } from "../config/index.ts";
import { engineOrigin, listNode, mapNode, scalarNode, toYaml } from "../config/index.ts";

/** The three files of `.hydra`, as text. */
export interface JobYaml {
  readonly config: string;
  readonly hydra: string;
  readonly overrides: string;
}

/** A job's composition as Hydra saves it: interpolations as text. */
export function jobYaml(composition: Composition): JobYaml {
  const origin = engineOrigin("the job's words");
  const words = composition.overrides.task.map(
    (word): ScalarNode => ({ ...scalarNode(word, origin), literal: true }),
  );
  return {
    config: toYaml(composition.config),
    hydra: toYaml(mapNode(new Map([["hydra", composition.hydra]]), origin)),
    overrides: toYaml(listNode(words, origin)),
  };
}
