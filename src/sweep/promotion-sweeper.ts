import type { Override } from "../config/index.ts";
import { parseOverride } from "../config/index.ts";
import type { Promotion } from "./halving/promotion-halving.ts";
import { PromotionHalving } from "./halving/promotion-halving.ts";
import { objectiveValues, readObjectives } from "./objectives.ts";
import type { Settings } from "./read-settings.ts";
import { readNumber, wrongSetting } from "./read-settings.ts";
import type { PointOutcome, Sweeper, SweepPoint, SweepRequest } from "./sweeper.ts";

/**
 * Successive halving without reports, for any sweeper's points: each is first a job with little of a resource, and the best
 * are jobs again with more. `hydra.sweeper.pruner`:
 *
 * - `resource`: the key that a job's share is written to, such as `training.num_epochs`
 * - `min_resource` (1), `max_resource`, `reduction_factor` (4): the shares are min·η^k up to max
 *
 * The sweeper below hears of a point's first job. A job that failed is not promoted.
 *
 * @see PromotionHalving
 * @throws {SweepError} SWEEP_SETTING
 */
export function promotionSweeper(sweeper: Sweeper, request: SweepRequest, settings: Settings): Sweeper {
  const key = settings.get("resource") ?? null;
  if (typeof key !== "string")
    throw wrongSetting("resource", key, "the key of a number", "training.num_epochs");
  const objectives = sweeper.objectives ?? readObjectives(request.settings);
  const [{ direction } = { direction: "minimize" as const }] = objectives;
  const least = readNumber(settings, "min_resource", 1, { least: 1 });
  const rungs = new PromotionHalving({
    direction,
    minResource: least,
    maxResource: readNumber(settings, "max_resource", least, { least }),
    reduction: readNumber(settings, "reduction_factor", 4, { least: 2 }),
  });
  const points: SweepPoint[] = [];
  const jobs: Promotion[] = [];
  const told = new Set<number>();

  const fresh = (): Promotion | "wait" | "done" => {
    const point = sweeper.next();
    if (typeof point === "string") return point === "done" && told.size < jobs.length ? "wait" : point;
    points.push(point);
    return { trial: points.length - 1, rung: 0 };
  };
  const hear = ({ trial, rung }: Promotion, outcome: PointOutcome) => {
    if (rung === 0) sweeper.tell({ ...outcome, num: trial });
    const values = outcome.status === "completed" ? objectiveValues(outcome.value, objectives) : [];
    const [value] = "fault" in values ? [] : values;
    if (value !== undefined) rungs.enter({ trial, rung }, value);
  };

  return {
    total: undefined,
    isAdaptive: true,
    objectives,
    next() {
      const job = rungs.promote() ?? fresh();
      if (typeof job === "string") return job;
      jobs.push(job);
      const point = points[job.trial];
      return point === undefined ? "done" : withResource(point, key, rungs.resources[job.rung] ?? least);
    },
    tell(outcome) {
      told.add(outcome.num);
      const job = jobs[outcome.num];
      if (job !== undefined) hear(job, outcome);
    },
  };
}

function withResource({ overrides, params }: SweepPoint, key: string, resource: number): SweepPoint {
  const word: Override = parseOverride(`${key}=${resource}`, 0);
  const others = overrides.filter((override) => override.key !== word.key);
  return { overrides: [...others, word], params: { ...params, [key]: String(resource) } };
}
