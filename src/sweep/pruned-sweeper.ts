import { findPruner } from "./halving/pruner-registry.ts";
import { readObjectives } from "./objectives.ts";
import { promotionSweeper } from "./promotion-sweeper.ts";
import { readPart, wrongSetting } from "./read-settings.ts";
import type { Sweeper, SweepRequest } from "./sweeper.ts";

/**
 * The sweeper with `hydra.sweeper.pruner` over its points: what a job reports goes to the sweeper and to the pruner, and either
 * stops it, for good. A report of a step that was reported before changes nothing: a resumed job may repeat some.
 *
 * @throws {SweepError} SWEEP_UNKNOWN_PRUNER, SWEEP_SETTING where there are several objectives
 */
export function prunedSweeper(sweeper: Sweeper, request: SweepRequest): Sweeper {
  if ((request.settings.get("pruner") ?? null) === null) return sweeper;
  const objectives = sweeper.objectives ?? readObjectives(request.settings);
  if (objectives.length > 1) {
    throw wrongSetting(
      "pruner",
      "asha",
      "null where there are several objectives: it compares one value",
      "null",
    );
  }
  const settings = readPart(request.settings, "pruner") ?? new Map();
  if (settings.get("_target_") === "asha_promotion") return promotionSweeper(sweeper, request, settings);
  const [{ direction } = { direction: "minimize" as const }] = objectives;
  const pruner = findPruner(settings, direction);
  if (pruner === undefined) return sweeper;
  const steps = new Map<number, number>();
  /** A job that is started again after it was told to stop is to stop all the same. */
  const stopped = new Set<number>();
  return {
    total: sweeper.total,
    isAdaptive: sweeper.isAdaptive ?? false,
    ...(sweeper.objectives ? { objectives: sweeper.objectives } : {}),
    next: () => sweeper.next(),
    tell(outcome) {
      steps.delete(outcome.num);
      stopped.delete(outcome.num);
      sweeper.tell(outcome);
    },
    report(num, report) {
      if (report.step <= (steps.get(num) ?? Number.NEGATIVE_INFINITY)) {
        return stopped.has(num) ? "stop" : "continue";
      }
      steps.set(num, report.step);
      const own = sweeper.report?.(num, report) ?? "continue";
      const decision = pruner.report(num, report);
      if (own === "stop") stopped.add(num);
      if (decision === "continue") return stopped.has(num) ? "stop" : "continue";
      stopped.add(num);
      request.say?.(`#${num}  pruned: ${decision.stop}`);
      return "stop";
    },
  };
}
