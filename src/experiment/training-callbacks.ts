import { z } from "zod";
import { didYouMean } from "../core/index.ts";
import { type ExperimentTracker, isResearchTracker } from "../tracking/index.ts";
import { type ParameterLayout, type TrainingCallback, watchGradients } from "../train/index.ts";
import { ExperimentError } from "./errors.ts";
import type { MetricLog } from "./metric-log.ts";

/** What a callback that a config names is made with. */
export interface CallbackContext {
  /** Its settings: what stands below its name in `training.callbacks`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where each trained tensor lies in the flat vector. */
  readonly layout: ParameterLayout;
  /** The run's folder. */
  readonly runDir: string;
  readonly tracker: ExperimentTracker;
  /** Records metrics of the run; use it rather than the tracker, for it knows what a resumed run has recorded already. */
  readonly log: MetricLog;
  /** Steps up to here were recorded by an earlier process of a resumed run, and are taken again; else 0. */
  readonly recordedSteps: number;
  /** A sentence that the user should see once. */
  note(text: string): void;
}

export type MakeTrainingCallback = (context: CallbackContext) => TrainingCallback;

const everySteps = z.strictObject({ every_steps: z.int().min(1).default(100) });

const makers = new Map<string, MakeTrainingCallback>([["gradient_histograms", gradientHistograms]]);

/**
 * Makes a callback known under a name, so that `training.callbacks.<name>` switches it on.
 *
 *     registerTrainingCallback("stop_at", ({ settings }) => ({
 *       evaluation: ({ loss }, { stop }) => {
 *         if (loss < Number(settings.loss)) stop("early");
 *       },
 *     }));
 *
 *     ttm '+training.callbacks.stop_at.loss=0.3'
 */
export function registerTrainingCallback(name: string, make: MakeTrainingCallback): void {
  makers.set(name, make);
}

/**
 * The callbacks that `training.callbacks` names, in its order.
 *
 * @throws {ExperimentError} EXPERIMENT_NO_CALLBACK for a name that nobody registered, EXPERIMENT_BAD_CALLBACK for settings it does not take
 */
export function configuredCallbacks(
  named: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>,
  context: Omit<CallbackContext, "settings">,
): TrainingCallback[] {
  return Object.entries(named).map(([name, settings]) => {
    const make = makers.get(name) ?? unknownCallback(name);
    try {
      return make({ ...context, settings: settings ?? {} });
    } catch (cause) {
      if (!(cause instanceof z.ZodError)) throw cause;
      throw new ExperimentError(
        "EXPERIMENT_BAD_CALLBACK",
        `'${name}' does not take these settings: ${issuesOf(cause)}`,
        {
          where: `training.callbacks.${name}`,
          fix: "correct the key that is named",
          cause,
        },
      );
    }
  });
}

function issuesOf(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => [path.join("."), message].filter(Boolean).join(": "))
    .join("; ");
}

function unknownCallback(name: string): never {
  const names = [...makers.keys()];
  throw new ExperimentError("EXPERIMENT_NO_CALLBACK", `no training callback '${name}'`, {
    where: "training.callbacks",
    fix: [didYouMean(name, names), `there are: ${names.join(", ")}; registerTrainingCallback adds your own`]
      .filter(Boolean)
      .join("\n"),
  });
}

/** `gradient_histograms.every_steps`: a histogram of each trained tensor's gradient, where the tracker keeps them. */
function gradientHistograms({
  settings,
  layout,
  tracker,
  recordedSteps,
  note,
}: CallbackContext): TrainingCallback {
  const { every_steps } = everySteps.parse(settings);
  if (!isResearchTracker(tracker)) {
    note("training.callbacks.gradient_histograms: this tracker keeps no histograms");
    return {};
  }
  return watchGradients({
    everySteps: every_steps,
    slots: layout.slots,
    onGradients: (gradients, { step, epoch }) => {
      if (step > recordedSteps) tracker.logGradients(gradients, { step, epoch });
    },
  });
}
