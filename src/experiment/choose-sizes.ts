import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { availableParallelism, cpus, homedir } from "node:os";
import { dirname, join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { describeDevice } from "../runtime/index.ts";
import type { BatchShares } from "../train/index.ts";
import type { EngineSettings } from "./engine-settings.ts";
import type { TTMExperimentConfig } from "./schema.ts";

/** How a batch is shared out, and what a step took then. */
export interface MeasuredSizes extends BatchShares {
  readonly milliseconds: number;
}

/** Takes a few steps with some sizes and says what one takes. */
export type MeasureStep = (sizes: Pick<EngineSettings, "workers" | "microBatch">) => Promise<MeasuredSizes>;

export interface ChooseSizesOptions {
  readonly config: TTMExperimentConfig;
  readonly settings: EngineSettings;
  /** What else decides how long a step takes: the model, its adapters, the number of channels. */
  readonly subject: unknown;
  /** Optimizer steps that are going to be taken. */
  readonly plannedSteps: number;
  readonly measure: MeasureStep;
  /** The file of earlier measurements; in the user's cache folder where left out. */
  readonly cacheFile?: string;
}

/** Measuring takes a few seconds; a training shorter than this many milliseconds does not win them back. */
const WORTH_MEASURING_MS = 60_000;

/**
 * The sizes that `auto` means: measured once per machine and model, then remembered. Undefined where nothing is to be measured, or
 * training is too short for it: then the sizes stay what the settings say.
 */
export async function chooseSizes(options: ChooseSizesOptions): Promise<BatchShares | undefined> {
  const { config, settings, plannedSteps, measure } = options;
  const { workers, micro_batch } = config.runtime;
  const isAuto = workers === "auto" || micro_batch === "auto";
  if (!isAuto || settings.session.device === "cuda" || settings.stepsPerRun > 1) return undefined;
  const file = options.cacheFile ?? defaultCacheFile();
  const key = keyOf(options);
  const known = (await readSizes(file))[key];
  if (known) return known;

  const first = await measure(settings);
  if (first.milliseconds * plannedSteps < WORTH_MEASURING_MS) return undefined;
  let best = first;
  for (const sizes of candidates(config, first)) {
    const measured = await measure(sizes);
    if (measured.milliseconds < best.milliseconds) best = measured;
  }
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomic(file, `${JSON.stringify({ ...(await readSizes(file)), [key]: best }, null, 2)}\n`);
  return best;
}

/** Around what the rule by width says: half and twice the windows, and half of the cores. */
function candidates({ runtime, training }: TTMExperimentConfig, first: MeasuredSizes) {
  const counts = runtime.workers === "auto" ? [first.workers, Math.ceil(first.workers / 2)] : [first.workers];
  return [...new Set(counts)].flatMap((workers) => {
    const share = Math.ceil(training.batch_size / workers);
    const { pieceWindows } = first;
    const sizes =
      runtime.micro_batch === "auto"
        ? [Math.ceil(pieceWindows / 2), pieceWindows, pieceWindows * 2].filter((size) => size <= share)
        : [pieceWindows];
    return [...new Set(sizes)]
      .filter((size) => workers !== first.workers || size !== pieceWindows)
      .map((size) => ({ workers, microBatch: size }));
  });
}

function keyOf({ config, settings, subject }: ChooseSizesOptions): string {
  const machine = [cpus()[0]?.model, availableParallelism(), describeDevice("cpu").onnxruntime];
  const { workers, micro_batch } = config.runtime;
  const asked = [workers, micro_batch, config.training.batch_size, settings];
  return createHash("sha256")
    .update(JSON.stringify([machine, asked, subject]))
    .digest("hex")
    .slice(0, 16);
}

function defaultCacheFile(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "ttm", "step-sizes.json");
}

/** Nothing where the file is not there or cannot be read: it is only a cache. */
async function readSizes(file: string): Promise<Record<string, MeasuredSizes>> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Record<string, MeasuredSizes>;
  } catch {
    return {};
  }
}
