import { join } from "node:path";
import { didYouMean } from "../core/index.ts";
import type { Callback, CallbackFactory } from "./callbacks.ts";
import { makeFolder } from "./claim-folder.ts";
import { LaunchError } from "./errors.ts";
import { hydraText } from "./hydra-settings.ts";
import { toJson } from "./json-numbers.ts";
import { writeText } from "./write-text.ts";

/** Writes into the job's log what it returned, or why it failed. */
function logJobReturn(): Callback {
  return {
    onJobEnd({ log }, { status, result, error }) {
      if (status === "completed") log(`Succeeded with return value: ${toJson(result ?? null, 2)}`);
      else log(`Status ${status}: ${error instanceof Error ? error.message : String(error)}`, "ERROR");
    },
  };
}

/** Writes `job_return.json` beside the job's saved YAML: how it ended and what it returned. */
function saveJobReturn(): Callback {
  return {
    onJobEnd({ composition, outputDir }, { status, result, error, startedAt, endedAt }) {
      const folder = join(outputDir, hydraText(composition, "output_subdir") ?? "");
      const reason = error === undefined ? null : error instanceof Error ? error.message : String(error);
      makeFolder(folder);
      const record = { status, result: result ?? null, error: reason, startedAt, endedAt };
      writeText(join(folder, "job_return.json"), `${toJson(record, 2)}\n`);
    },
  };
}

const builtinCallbacks: Readonly<Record<string, CallbackFactory>> = {
  log_job_return: logJobReturn,
  save_job_return: saveJobReturn,
};

/** Hydra's own class paths, so that unmodified conf trees run. Its pickle becomes JSON. */
const hydraNames: Readonly<Record<string, string>> = {
  "hydra.experimental.callbacks.LogJobReturnCallback": "log_job_return",
  "hydra.experimental.callbacks.PickleJobInfoCallback": "save_job_return",
};

/**
 * The callback registered as `name`. A name is never an import path: a config cannot load code.
 *
 * @throws {LaunchError} LAUNCH_UNKNOWN_CALLBACK
 */
export function findCallback(
  name: string,
  registered: Readonly<Record<string, CallbackFactory>>,
  key: string,
): CallbackFactory {
  const all = new Map(Object.entries({ ...builtinCallbacks, ...registered }));
  const factory = all.get(name) ?? all.get(hydraNames[name] ?? name);
  if (factory !== undefined) return factory;
  throw new LaunchError("LAUNCH_UNKNOWN_CALLBACK", `no callback is registered as '${name}'`, {
    where: `hydra.callbacks.${key}._target_`,
    fix: [didYouMean(name, all.keys()), `there are: ${[...all.keys()].join(", ")}`].filter(Boolean).join(" "),
  });
}
