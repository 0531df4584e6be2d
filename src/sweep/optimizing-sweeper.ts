import { SweepError } from "./errors.ts";
import type { Objective } from "./objectives.ts";
import { objectiveValues, readObjectives } from "./objectives.ts";
import { readNumber } from "./read-settings.ts";
import type { Sampler, SamplerFactory, SamplerRequest, Trial } from "./samplers/sampler.ts";
import { readSearchSpace } from "./space/search-space.ts";
import type { PointOutcome, PointReport, Sweeper, SweepRequest } from "./sweeper.ts";

/** The seed where none is given: a sweep that is run again proposes the same. */
const defaultSeed = 0;

/** As Hydra's Optuna plug-in has it. */
const defaultTrials = 20;

/**
 * A sweep over a search space, whose points a sampler chooses. Reads of `hydra.sweeper`:
 *
 * - `n_trials` (20) and `seed` (0, also as the sampler's own `seed`)
 * - `direction`, `metric`: see {@link readObjectives}
 *
 * A point whose task returned no number, or not-a-number, counts as failed, and is said to.
 *
 * @throws {SweepError} SWEEP_SETTING, SWEEP_SPACE and what reading the space throws
 */
export function optimizingSweeper(
  request: SweepRequest,
  factory: SamplerFactory,
  settings: SamplerRequest["settings"] = request.settings,
): Sweeper {
  const space = readSearchSpace(request);
  if (space.dimensions.length === 0) throw nothingSearched();
  const least = { least: 0 };
  const seed = readNumber(request.settings, "seed", readNumber(settings, "seed", defaultSeed, least), least);
  const sampler = factory({
    distributions: space.dimensions.map(({ distribution }) => distribution),
    seed,
    settings,
  });
  const trials = readNumber(request.settings, "n_trials", defaultTrials, { least: 1 });
  const total = Math.min(trials, sampler.total ?? trials);
  const history = new History(sampler, readObjectives(request.settings));
  let given = 0;
  return {
    total,
    isAdaptive: sampler.learns,
    objectives: history.objectives,
    next() {
      if (given === total) return "done";
      const values = sampler.propose(given, history.trials);
      history.begin(given, values);
      given += 1;
      return space.point(values);
    },
    report(num, report) {
      history.report(num, report);
      return "continue";
    },
    tell(outcome) {
      const fault = history.end(outcome);
      if (fault !== undefined) request.say?.(`#${outcome.num}  counts as failed: ${fault}`);
    },
  };
}

function nothingSearched(): SweepError {
  return new SweepError("SWEEP_SPACE", "no key has more than one value, so every trial would be the same", {
    where: "hydra.sweeper",
    fix: "search a key: x=interval(0,1), x=tag(log,interval(1e-5,1e-1)) or x=1,2,3",
  });
}

/** What the points were and became, for a sampler that learns; for another nothing is kept. */
class History {
  readonly objectives: readonly Objective[];
  readonly trials: Trial[] = [];
  readonly #learns: boolean;

  constructor(sampler: Sampler, objectives: readonly Objective[]) {
    this.#learns = sampler.learns;
    this.objectives = objectives;
  }

  begin(num: number, values: readonly number[]): void {
    if (this.#learns) this.trials[num] = { values, state: "running", losses: [], last: undefined };
  }

  report(num: number, { step, value }: PointReport): void {
    const trial = this.trials[num];
    if (trial !== undefined) this.trials[num] = { ...trial, last: { step, loss: this.#loss(value, 0) } };
  }

  /** @returns why the point counts as failed though its task did not */
  end({ num, status, value }: PointOutcome): string | undefined {
    const values = status === "completed" ? objectiveValues(value, this.objectives) : [];
    const fault = "fault" in values ? values.fault : undefined;
    const trial = this.trials[num];
    if (trial === undefined) return fault;
    if (status === "completed" && !("fault" in values)) {
      const losses = values.map((number, index) => this.#loss(number, index));
      this.trials[num] = { ...trial, state: "completed", losses };
    } else {
      this.trials[num] = { ...trial, state: status === "pruned" ? "pruned" : "failed" };
    }
    return fault;
  }

  #loss(value: number, index: number): number {
    return this.objectives[index]?.direction === "maximize" ? -value : value;
  }
}
