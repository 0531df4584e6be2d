import { z } from "zod";
import type { PointReport, PruneDecision } from "../../src/sweep/index.ts";
import { PromotionHalving, StoppingHalving, SuccessiveHalving } from "../../src/sweep/index.ts";
import type { SweepReplay } from "./sweep.ts";

const event = z.tuple([z.int(), z.int()]);
const decisions = z.array(z.tuple([z.int(), z.int(), z.string()]));

const study = z.looseObject({
  id: z.union([z.int(), z.string()]),
  order: z.enum(["sequential", "round_robin", "shuffled"]),
  eta: z.int(),
  direction: z.enum(["minimize", "maximize"]),
  min_resource: z.int(),
  max_resource: z.int(),
  values: z.array(z.array(z.union([z.number(), z.literal("nan")]))),
  events: z.array(event).optional(),
  optuna_successive_halving: z
    .looseObject({ decisions, last_step: z.array(z.int()), highest_rung: z.array(z.int()) })
    .optional(),
  stopping_asha: z
    .looseObject({ milestones: z.array(z.number()), decisions, last_step: z.array(z.int()) })
    .optional(),
  promotion_asha: z
    .looseObject({ workers: z.int(), resources: z.array(z.int()), jobs: z.array(event) })
    .optional(),
});

type Study = z.infer<typeof study>;

export function ashaCases(content: object): Study[] {
  return z.looseObject({ cases: z.array(study) }).parse(content).cases;
}

/** Up to three cases: one for each rule that the study has answers of. */
export function replayAsha(item: Study): SweepReplay[] {
  const rules = { optuna_successive_halving: successive, stopping_asha: stopping, promotion_asha: promotion };
  return Object.entries(rules).flatMap(([rule, answer]) => {
    const expected = item[rule];
    return expected === undefined ? [] : [compared(`asha ${item.id} ${rule}`, expected, answer(item))];
  });
}

function successive(item: Study) {
  const rule = new SuccessiveHalving(settingsOf(item));
  const run = runStudy(item, (trial, report) => rule.report(trial, report));
  return { ...run, highest_rung: item.values.map((_, trial) => rule.highestRung(trial)) };
}

function stopping(item: Study) {
  const rule = new StoppingHalving({ ...settingsOf(item), onNan: "continue" });
  return { milestones: rule.milestones, ...runStudy(item, (trial, report) => rule.report(trial, report)) };
}

function settingsOf({ direction, min_resource, max_resource, eta }: Study) {
  return { direction, minResource: min_resource, maxResource: max_resource, reduction: eta };
}

function runStudy(item: Study, decide: (trial: number, report: PointReport) => PruneDecision) {
  const log: [number, number, string][] = [];
  const last = item.values.map(() => 0);
  const ended = new Set<number>();
  const end = (trial: number, step: number, how: string) => {
    ended.add(trial);
    log.push([trial, step, how]);
  };
  for (const [trial, step] of eventsOf(item)) {
    if (ended.has(trial)) continue;
    const value = item.values[trial]?.[step - 1];
    if (value === undefined) {
      end(trial, step, "fail");
      continue;
    }
    last[trial] = step;
    if (decide(trial, { step, value: Number(value) }) !== "continue") end(trial, step, "stop");
    else if (step >= item.max_resource) end(trial, step, "complete");
  }
  return { decisions: log, last_step: last };
}

function eventsOf({ order, events, values, max_resource }: Study): (readonly [number, number])[] {
  if (events !== undefined) return events;
  const steps = Array.from({ length: max_resource }, (_, index) => index + 1);
  const trials = values.map((_, trial) => trial);
  return order === "sequential"
    ? trials.flatMap((trial) => steps.map((step) => [trial, step] as const))
    : steps.flatMap((step) => trials.map((trial) => [trial, step] as const));
}

/** Workers in lock step: each takes a job in turn, then all report in the same order; until a round finds none. */
function promotion(item: Study) {
  const rule = new PromotionHalving(settingsOf(item));
  const workers = item.promotion_asha?.workers ?? 1;
  const jobs: [number, number][] = [];
  let fresh = 0;
  const take = () => rule.promote() ?? (fresh < item.values.length ? { trial: fresh++, rung: 0 } : undefined);
  for (;;) {
    const round = Array.from({ length: workers }, take).filter((job) => job !== undefined);
    if (round.length === 0) return { workers, resources: rule.resources, jobs };
    for (const job of round) {
      jobs.push([job.trial, job.rung]);
      const value = item.values[job.trial]?.[(rule.resources[job.rung] ?? 0) - 1];
      if (value !== undefined) rule.enter(job, Number(value));
    }
  }
}

function compared(id: string, expected: unknown, got: Readonly<Record<string, unknown>>): SweepReplay {
  const odd = Object.entries(Object(expected)).find(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(got[key]),
  );
  if (odd === undefined) return { id, ok: true, message: "" };
  const [key, value] = odd;
  return {
    id,
    ok: false,
    message: `${key}: expected ${JSON.stringify(value)}, got ${JSON.stringify(got[key])}`,
  };
}
