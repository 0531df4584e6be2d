import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { FitStreamResult } from "../../train/index.ts";
import type { Comparison } from "../reporter.ts";
import type { PretrainingConfig } from "./run-pretraining.ts";

export interface ModelCard {
  readonly config: PretrainingConfig;
  readonly counts: { readonly trainable: number; readonly total: number };
  readonly progress: FitStreamResult["progress"];
  /** Errors on the test part of the config's data. */
  readonly comparison: Comparison;
}

/** `README.md` beside the weights, as the hub shows it: what the model is, how it was made, what it can do. */
export async function writeModelCard(folder: string, card: ModelCard): Promise<void> {
  await writeFileAtomic(join(folder, "README.md"), cardText(card));
}

function cardText({ config, counts, progress, comparison }: ModelCard): string {
  const { pretraining, training, optimizer, scheduler, seed, model, data } = config;
  const { steps, seconds, validations } = progress;
  const series = steps * training.batch_size;
  const last = validations.at(-1);
  return `---
license: apache-2.0
pipeline_tag: time-series-forecasting
tags: [time-series, forecasting, synthetic-data]
---

# ${model.name}, pretrained on synthetic series

${counts.total.toLocaleString("en-US")} parameters, trained from random weights by \`ttm pretrain\`${
    pretraining.files.length > 0
      ? ` on synthetic series and on ${pretraining.files.length} files`
      : ". It has seen synthetic series only: no published weights and no published data are in it"
  }.

## How it was made

    ttm pretrain model=${model.name} seed=${seed} pretraining.steps=${steps}

| | |
| --- | --- |
| seed | ${seed} |
| steps | ${steps.toLocaleString("en-US")} of ${training.batch_size} fresh series: ${series.toLocaleString("en-US")} series in all |
| optimizer | ${optimizer.name}, learning rate ${training.learning_rate}, weight decay ${optimizer.weight_decay} |
| schedule | ${JSON.stringify(scheduler)} |
| loss | ${training.loss}, of the error in units of the context's deviation |
| gradient | ${training.clip_norm === null ? "not clipped" : `clipped to a norm of ${training.clip_norm}`} |
| weights kept | their moving average, decay ${pretraining.average_decay} |
| dropout | ${pretraining.dropout} |
| missing values | in ${100 * pretraining.missing_fraction} % of the series |
| time | ${(seconds / 60).toFixed(0)} minutes |

The generator is described in docs/pretraining.md of ttm.

## What it can do

| | MSE | MAE |
| --- | --- | --- |
| ${data.source_name}, test part, scaled: this model, zero-shot | ${comparison.zeroShot.mse.toFixed(4)} | ${comparison.zeroShot.mae.toFixed(4)} |
| the same: seasonal naive (season ${comparison.seasonLength}) | ${comparison.naive.mse.toFixed(4)} | ${comparison.naive.mae.toFixed(4)} |

Loss on ${pretraining.validation_series.toLocaleString("en-US")} held-out synthetic series: ${last?.validationLoss.toFixed(5) ?? "–"}.
`;
}
