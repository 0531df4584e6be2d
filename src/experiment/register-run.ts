import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Random } from "../core/index.ts";
import { LoRAManager } from "../lora/index.ts";
import { resolveModel } from "../models/index.ts";
import { findRun, ModelRegistry, type RunView, readRunView, type VersionRecord } from "../tracking/index.ts";
import { ExperimentError } from "./errors.ts";
import { openRun, type StoredRun } from "./evaluate-experiment.ts";
import { saveModelFolder } from "./save-model-folder.ts";

export interface RegisterRunOptions {
  /** The run's folder. */
  readonly run: string;
  readonly name: string;
  /** The registry's folder. */
  readonly registry: string;
  readonly description?: string | undefined;
  readonly onNotice?: (notice: string) => void;
}

/**
 * Registers what a run has trained as the next version of a model. An adapter is merged into its base first, into `merged/` of the run's folder, so that the
 * version is a folder that `model.path` takes.
 *
 * @throws {ExperimentError} EXPERIMENT_BAD_FILE where the run has trained nothing
 */
export async function registerRun(options: RegisterRunOptions): Promise<VersionRecord> {
  const { run, name, registry, description } = options;
  const stored = openRun(run);
  const folder = await modelFolder(resolve(run), stored, options.onNotice);
  const view = await readRunView(await findRun(run, []));
  return new ModelRegistry(registry).register({
    name,
    folder,
    description,
    origin: originOf(resolve(run), view),
    metrics: numbersOf(view),
  });
}

async function modelFolder(
  run: string,
  { config, modelDir }: StoredRun,
  onNotice?: (notice: string) => void,
): Promise<string> {
  if (modelDir === null) {
    throw new ExperimentError(
      "EXPERIMENT_BAD_FILE",
      "this run has trained nothing that could be registered",
      {
        where: run,
        fix: "name a run that has an adapter or a model in its folder",
      },
    );
  }
  if (config.lora.rank === null) return modelDir;
  const base = await resolveModel(config.model, {
    random: Random.fromSeed(config.seed),
    ...(onNotice === undefined ? {} : { onNotice }),
  });
  requireSameBase(run, base.source.sha256);
  const { weights } = (await LoRAManager.load(modelDir, base)).merge();
  const merged = join(run, "merged");
  await saveModelFolder(merged, base, weights);
  return merged;
}

/** An adapter says something only on top of the weights that it was trained on. */
function requireSameBase(run: string, sha256: string | null): void {
  const trainedOn = textAt(readObject(join(run, "run_summary.json"))["weights"], "sha256");
  if (trainedOn === null || sha256 === null || trainedOn === sha256) return;
  throw new ExperimentError(
    "EXPERIMENT_OTHER_BASE",
    "the base model is not the one that this run has trained on",
    {
      where: `weights ${sha256.slice(0, 12)}, the run had ${trainedOn.slice(0, 12)}`,
      fix: "put the weights of that time in place (model.path of the run's config.json), or train again",
    },
  );
}

function originOf(run: string, view: RunView): VersionRecord["origin"] {
  const summary = readObject(join(run, "run_summary.json"));
  const context = startContext(join(run, "journal.jsonl"));
  return {
    run_id: view.run_id,
    run_dir: run,
    experiment: view.experiment,
    user: context.user ?? "unknown",
    config_sha256: existsSync(join(run, "config.json")) ? sha256Of(join(run, "config.json")) : null,
    base_weights_sha256: textAt(summary["weights"], "sha256"),
    data_sha256: context.data,
    git_commit: context.commit,
  };
}

/** What the journal says of who ran it, at which commit, on what data. */
function startContext(journal: string): { user: string | null; commit: string | null; data: string | null } {
  const said = { user: null as string | null, commit: null as string | null, data: null as string | null };
  if (!existsSync(journal)) return said;
  for (const line of readFileSync(journal, "utf8").split("\n")) {
    if (line.includes('"record":{"type":"start"')) {
      const { context } = parse(line);
      said.user = textAt(context, "user");
      said.commit = textAt(context, "git_commit");
    }
    if (line.includes('"record":{"type":"dataset"')) said.data ??= textAt(parse(line), "digest");
  }
  return said;
}

function parse(line: string): Record<string, unknown> {
  return Object(Object(JSON.parse(line))["record"]);
}

function textAt(value: unknown, key: string): string | null {
  const text: unknown = Object(value)[key];
  return typeof text === "string" ? text : null;
}

function readObject(path: string): Record<string, unknown> {
  return existsSync(path) ? Object(JSON.parse(readFileSync(path, "utf8"))) : {};
}

function sha256Of(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** The closing numbers; NaN and ±Infinity as text. */
function numbersOf({ metrics }: RunView): Record<string, number | string> {
  const kept: Record<string, number | string> = {};
  for (const [name, value] of Object.entries(metrics))
    if (typeof value === "number" || typeof value === "string") kept[name] = value;
  return kept;
}
