import type { PlainValue, Scalar } from "../config/index.ts";
import { elementValue, engineOrigin, nodeFromValue, parseOverride, toYaml } from "../config/index.ts";
import { objectiveValues, readObjectives } from "./objectives.ts";
import { paretoFront } from "./pareto.ts";
import type { RecordedOutcome, SweepRecord } from "./sweep-record.ts";

/**
 * The text of `optimization_results.yaml` as Hydra's Optuna plug-in writes it: `best_params` and `best_value`, and for several
 * objectives the `solutions` that no other job dominates, by number.
 *
 * @returns undefined where no job completed with its objectives
 * @throws {SweepError} SWEEP_SETTING
 */
export function optimizationResults({ request, outcomes }: SweepRecord): string | undefined {
  const objectives = readObjectives(request.settings);
  const scored = outcomes.flatMap((outcome) => {
    const values = outcome.status === "completed" ? objectiveValues(outcome.result, objectives) : [];
    if ("fault" in values || values.length === 0) return [];
    const losses = values.map((value, index) =>
      objectives[index]?.direction === "maximize" ? -value : value,
    );
    return [{ outcome, values, losses }];
  });
  const [first] = scored;
  if (first === undefined) return undefined;
  if (objectives.length > 1) {
    const solutions = paretoFront(scored)
      .toSorted((a, b) => (a.outcome.num ?? 0) - (b.outcome.num ?? 0))
      .map(({ outcome, values }) => fields({ params: typedParams(outcome), values }));
    return resultsText({ name: "optuna", solutions });
  }
  const best = scored.reduce((one, other) => ((other.losses[0] ?? 0) < (one.losses[0] ?? 0) ? other : one));
  const [value = Number.NaN] = best.values;
  return resultsText({ name: "optuna", best_params: typedParams(best.outcome), best_value: value });
}

/** The params with their types: a word reads back as the value that its job got. */
function typedParams({ params }: RecordedOutcome): PlainValue {
  return fields(
    Object.fromEntries(
      Object.entries(params).map(([key, text]) => {
        const { value } = parseOverride(`key=${text}`, 0);
        return [key, value === null ? null : elementValue(value)];
      }),
    ),
  );
}

function fields(values: Readonly<Record<string, PlainValue>>): PlainValue {
  return new Map<Scalar, PlainValue>(Object.entries(values));
}

function resultsText(values: Readonly<Record<string, PlainValue>>): string {
  return toYaml(nodeFromValue(fields(values), engineOrigin("the sweep's results"), true));
}
