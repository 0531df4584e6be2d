import type { ExperimentHeader, ExperimentReporter } from "../experiment/index.ts";
import { formatCount, formatLoss } from "./format.ts";

/** What is going to run, one line a fact. */
export function headerLines(header: ExperimentHeader): string[] {
  const { data, windows, trainable, total, percent, workers } = header;
  const rows: [string, string][] = [
    ["experiment", header.experimentName],
    ["model", header.model],
    ["weights", header.weights],
    ["data", `${data.name}: ${data.rows} rows, ${data.channels} channels`],
    ["windows", `${windows.train} train, ${windows.validation} validation, ${windows.test} test`],
    [
      "training",
      `${header.method}: ${formatCount(trainable)} of ${formatCount(total)} values (${percent.toFixed(2)} %)`,
    ],
    ...(header.chosen === undefined ? [] : [["trained", header.chosen] satisfies [string, string]]),
    ["device", `${header.device}, ${workers} ${workers === 1 ? "worker" : "workers"}`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(11)} ${value}`);
}

/** One finished epoch. */
export function epochLine({
  epoch,
  trainLoss,
  validationLoss,
  best,
  seconds,
}: Parameters<NonNullable<ExperimentReporter["epoch"]>>[0]): string {
  const parts = [
    `epoch ${String(epoch).padStart(3)}`,
    `train ${formatLoss(trainLoss)}`,
    ...(validationLoss === null ? [] : [`val ${formatLoss(validationLoss)}`]),
    `${seconds.toFixed(1)} s`,
    ...(best ? ["best"] : []),
  ];
  return parts.join("   ");
}
