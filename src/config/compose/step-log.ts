import type { MapNode } from "../node.ts";
import { mapNode } from "../node.ts";
import { engineOrigin, type Origin } from "../origin.ts";
import type { Step } from "./composition.ts";
import type { DefaultsListItem } from "./defaults-list.ts";

type Change = (tree: MapNode) => MapNode;

/**
 * The steps of a composition. What the tree was after each is found out by going through them again, when somebody asks: hardly
 * anybody does, and thousands of trees fill the memory.
 */
export class StepLog {
  readonly steps: LoggedStep[] = [];

  /** @param change  makes the next tree out of the one before, which it leaves as it is */
  add(origin: Origin, item: DefaultsListItem | null, change: Change): void {
    this.steps.push(new LoggedStep(this.steps, { origin, item, change }));
  }
}

class LoggedStep implements Step {
  readonly origin: Origin;
  readonly item: DefaultsListItem | null;
  readonly #steps: readonly LoggedStep[];
  readonly #change: Change;
  #tree: MapNode | undefined;

  constructor(
    steps: readonly LoggedStep[],
    made: { readonly origin: Origin; readonly item: DefaultsListItem | null; readonly change: Change },
  ) {
    this.origin = made.origin;
    this.item = made.item;
    this.#steps = steps;
    this.#change = made.change;
  }

  get tree(): MapNode {
    let tree = mapNode(new Map(), engineOrigin("the engine"));
    for (const step of this.#steps) {
      step.#tree ??= step.#change(tree);
      tree = step.#tree;
      if (step === this) break;
    }
    return tree;
  }
}
