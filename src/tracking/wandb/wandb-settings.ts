import { join } from "node:path";
import { WandbError } from "./errors.ts";

/** How a run is filed with W&B. What is left out comes from the `WANDB_*` variables. */
export interface WandbOptions {
  /** `WANDB_PROJECT`, else the experiment's name. */
  readonly project?: string | undefined;
  /** The user or team, `WANDB_ENTITY`; else whoever syncs. */
  readonly entity?: string | undefined;
  /** `WANDB_RUN_GROUP`, else the parent run's id. */
  readonly group?: string | undefined;
  /** `WANDB_JOB_TYPE`. */
  readonly jobType?: string | undefined;
  /** `WANDB_NOTES`. */
  readonly notes?: string | undefined;
  /** `WANDB_TAGS`, a comma list. */
  readonly tags?: readonly string[] | undefined;
  /** Parent of the `wandb` folder, `WANDB_DIR`; else the run's folder. */
  readonly dir?: string | undefined;
}

export interface WandbSettings extends WandbOptions {
  readonly name?: string | undefined;
  readonly disabled?: boolean;
}

/** Options over `WANDB_*` variables. @throws {WandbError} WANDB_SETTING */
export function readWandbSettings(options: WandbOptions, env: NodeJS.ProcessEnv): WandbSettings {
  const tags = env["WANDB_TAGS"]
    ?.split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");
  return {
    project: options.project ?? (env["WANDB_PROJECT"] || undefined),
    entity: options.entity ?? (env["WANDB_ENTITY"] || undefined),
    group: options.group ?? (env["WANDB_RUN_GROUP"] || undefined),
    jobType: options.jobType ?? (env["WANDB_JOB_TYPE"] || undefined),
    notes: options.notes ?? (env["WANDB_NOTES"] || undefined),
    tags: options.tags ?? tags,
    dir: options.dir ?? (env["WANDB_DIR"] || undefined),
    name: env["WANDB_NAME"] || undefined,
    disabled: isDisabled(env["WANDB_MODE"]),
  };
}

function isDisabled(mode: string | undefined): boolean {
  if (!mode || mode === "offline" || mode === "dryrun") return false;
  if (mode === "disabled") return true;
  const fix = "set WANDB_MODE=offline, or unset it; send the run with: wandb sync FOLDER";
  throw new WandbError("WANDB_SETTING", "runs are written offline, not sent while they go on", {
    where: `WANDB_MODE=${mode}`,
    fix,
  });
}

/** A name as W&B takes projects: none of `/ \ # ? % :`, at most 128 characters. */
export function projectName(name: string): string {
  return [...name.replaceAll(/[/\\#?%:]/g, "-")].slice(0, 128).join("") || "ttm";
}

/** `offline-run-20260102_030405-ab12cd34`, in UTC. */
export function offlineFolder(parent: string, runId: string, time: number): string {
  const stamp = new Date(time).toISOString().replaceAll(/[-:]/g, "").replace("T", "_").slice(0, 15);
  return join(parent, "wandb", `offline-run-${stamp}-${runId}`);
}
