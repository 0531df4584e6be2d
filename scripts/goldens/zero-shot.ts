import { z } from "zod";
import type { ForecastModel } from "../../src/models/index.ts";
import { createSession, type Session } from "../../src/runtime/index.ts";
import { loadCaseModel, type ReplayResult, readCase, replay } from "./case.ts";
import { WindowSource } from "./case-windows.ts";

const numbers = z.array(z.number()).optional();
const zeroShotFacts = z.looseObject({
  tolerance: z.number(),
  results: z.array(
    z.looseObject({
      dataset: z.string(),
      first_start: z.int(),
      stride: z.int(),
      windows: z.int(),
      mse: z.number(),
      mae: z.number(),
      mse_per_channel: numbers,
      mae_per_channel: numbers,
    }),
  ),
});

type Expected = z.infer<typeof zeroShotFacts>["results"][number];

/** Windows per run: about 200 kB for the widest activation of TTM-R2 on seven channels, well inside the cache. */
const BATCH = 8;

/** Replays a golden of kind `zero-shot`: errors of the untouched model on every window, in all and per channel. */
export async function replayZeroShot(caseFolder: string): Promise<ReplayResult> {
  const golden = await readCase(caseFolder);
  if (golden.family !== "ttm") {
    return { ok: true, skipped: true, message: `the family ${golden.family} has no model here` };
  }
  return replay(async () => {
    const { results, tolerance } = zeroShotFacts.parse(golden);
    const model = loadCaseModel(golden);
    const faults: string[] = [];
    for (const expected of results) {
      const size = { context: model.contextLength, horizon: model.predictionLength };
      const source = await WindowSource.open({ dataset: expected.dataset, ...size }, golden.folder);
      faults.push(...compareErrors(expected, await measure(model, source, expected), tolerance));
    }
    return faults;
  });
}

/** Sums over windows and steps, one entry per channel. */
class ChannelErrors {
  readonly squared: Float64Array;
  readonly absolute: Float64Array;
  #perChannel = 0;

  constructor(channels: number) {
    this.squared = new Float64Array(channels);
    this.absolute = new Float64Array(channels);
  }

  add(predictions: ArrayLike<number>, targets: ArrayLike<number>): void {
    const channels = this.squared.length;
    for (let index = 0; index < targets.length; index++) {
      const error = (predictions[index] ?? Number.NaN) - (targets[index] ?? Number.NaN);
      const channel = index % channels;
      this.squared[channel] = (this.squared[channel] ?? 0) + error * error;
      this.absolute[channel] = (this.absolute[channel] ?? 0) + Math.abs(error);
    }
    this.#perChannel += targets.length / channels;
  }

  means(): Readonly<Record<"mse" | "mae", readonly number[]>> {
    const mean = (sums: Float64Array) => Array.from(sums, (sum) => sum / this.#perChannel);
    return { mse: mean(this.squared), mae: mean(this.absolute) };
  }
}

async function measure(
  model: ForecastModel,
  source: WindowSource,
  expected: Expected,
): Promise<ChannelErrors> {
  const starts = Array.from(
    { length: expected.windows },
    (_, index) => expected.first_start + index * expected.stride,
  );
  const errors = new ChannelErrors(source.channels);
  const sessions = new Map<number, Session>();
  for (let at = 0; at < starts.length; at += BATCH) {
    const batch = starts.slice(at, at + BATCH);
    const session = sessions.get(batch.length) ?? (await openSession(model, batch.length, source.channels));
    sessions.set(batch.length, session);
    const { past, future } = source.windows(batch);
    const { predictions } = await session.run({ past_values: past });
    errors.add(predictions?.data as ArrayLike<number>, future.data as ArrayLike<number>);
  }
  for (const session of sessions.values()) await session.release();
  return errors;
}

function openSession(model: ForecastModel, batch: number, channels: number): Promise<Session> {
  return createSession(model.build({ batch, channels, training: false }), { intraOpThreads: 1 });
}

function compareErrors(expected: Expected, errors: ChannelErrors, tolerance: number): string[] {
  const means = errors.means();
  const average = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const pairs = (["mse", "mae"] as const).flatMap((metric) => [
    { name: metric, wanted: expected[metric], got: average(means[metric]) },
    ...(expected[`${metric}_per_channel`] ?? []).map((wanted, channel) => ({
      name: `${metric} of channel ${channel}`,
      wanted,
      got: means[metric][channel] ?? Number.NaN,
    })),
  ]);
  return pairs.flatMap(({ name, wanted, got }) =>
    Math.abs(got - wanted) <= tolerance * Math.abs(wanted)
      ? []
      : [`${expected.dataset} stride ${expected.stride} ${name}: expected ${wanted}, got ${got}`],
  );
}
