import type { ExperimentReporter } from "../experiment/index.ts";

/** Two reporters as one. */
export function both(first: ExperimentReporter, second: ExperimentReporter): ExperimentReporter {
  return {
    header: (header) => {
      first.header?.(header);
      second.header?.(header);
    },
    note: (text) => {
      first.note?.(text);
      second.note?.(text);
    },
    warning: (warning) => {
      first.warning?.(warning);
      second.warning?.(warning);
    },
    phase: (name) => {
      first.phase?.(name);
      second.phase?.(name);
    },
    step: (report) => {
      first.step?.(report);
      second.step?.(report);
    },
    epoch: (report) => {
      first.epoch?.(report);
      second.epoch?.(report);
    },
    comparison: (comparison) => {
      first.comparison?.(comparison);
      second.comparison?.(comparison);
    },
  };
}
