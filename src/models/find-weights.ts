import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ModelError } from "./errors.ts";
import type { WeightSource } from "./forecast-model.ts";
import { cachedSnapshot, type HubModel, modelFiles, type Snapshot } from "./hub/cached-snapshot.ts";
import { type HubAccess, hubAccess } from "./hub/hub-access.ts";
import type { ModelSettings } from "./schema.ts";

/** A folder with a model, and what it is; null stands for random weights. */
export type FoundWeights = {
  readonly folder: string;
  readonly origin: Pick<WeightSource, "weights" | "repo">;
} | null;

export interface FindWeightsOptions {
  readonly onNotice: (notice: string) => void;
  /** As the environment says where left out. */
  readonly hub?: HubAccess | undefined;
}

type Settings = Pick<ModelSettings, "name" | "path" | "weights" | "repo" | "revision" | "bundled">;

/**
 * Where a model's weights are: the folder `path` if one is named, else what `weights` says. `auto` takes the hub's cache, the hub, the
 * bundled checkpoint, random weights: the first that there is, with a notice where it is not the published model.
 *
 * @throws {ModelError} MODEL_NO_WEIGHTS, and for `hub` MODEL_HUB_UNREACHABLE, MODEL_HUB_REFUSED, MODEL_DOWNLOAD_FAILED, MODEL_CHECKSUM
 */
export async function findWeights(settings: Settings, options: FindWeightsOptions): Promise<FoundWeights> {
  const { path, weights } = settings;
  if (weights === "random") return null;
  if (path !== null) return { folder: path, origin: { weights: "path", repo: null } };
  if (weights === "hub") return requireHub(settings, options);
  if (weights === "bundled") return bundled(settings) ?? missing(settings);
  return automatic(settings, options);
}

async function requireHub(settings: Settings, { onNotice, hub }: FindWeightsOptions): Promise<FoundWeights> {
  const model = hubModel(settings) ?? missing(settings);
  return published(model, await snapshotOf(model, hub ?? hubAccess(), onNotice));
}

async function automatic(settings: Settings, options: FindWeightsOptions): Promise<FoundWeights> {
  const { onNotice, hub = hubAccess() } = options;
  const model = hubModel(settings);
  const shipped = bundled(settings);
  if (!model) {
    if (!shipped) onNotice(`model '${settings.name}' has no checkpoint: it starts from random weights`);
    return shipped;
  }
  try {
    return published(model, await snapshotOf(model, hub, onNotice));
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    sayOnce(onNotice, settings, `${error.message}; ${shipped ? bundledInstead : randomInstead}`);
    return shipped;
  }
}

const bundledInstead = "the bundled checkpoint is used (model.weights=bundled does not ask)";
const randomInstead = "it starts from random weights (or set model.path=FOLDER)";

/** One answer per process: the jobs of a sweep take the same weights and do not ask again. */
const snapshots = new Map<string, Promise<Snapshot>>();

function snapshotOf(model: HubModel, hub: HubAccess, onNotice: (notice: string) => void): Promise<Snapshot> {
  const key = JSON.stringify([model, hub.hubUrl, hub.cacheDir, hub.offline]);
  const known = snapshots.get(key);
  if (known) return known;
  const cached = cachedSnapshot(hub.cacheDir, model);
  const found = cached ? Promise.resolve(cached) : download(model, hub, onNotice);
  snapshots.set(key, found);
  return found;
}

/** The hub's library is loaded where something is fetched: a run from the cache starts without it. */
async function download(
  model: HubModel,
  hub: HubAccess,
  onNotice: (notice: string) => void,
): Promise<Snapshot> {
  const { fetchSnapshot } = await import("./hub/fetch-snapshot.ts");
  return fetchSnapshot(model, hub, { onNotice });
}

const said = new Set<string>();

function sayOnce(onNotice: (notice: string) => void, { name, repo }: Settings, reason: string): void {
  const key = `${name} ${repo} ${reason}`;
  if (said.has(key)) return;
  said.add(key);
  onNotice(`${repo}: ${reason}`);
}

function published({ repo }: HubModel, { folder }: Snapshot): FoundWeights {
  return { folder, origin: { weights: "hub", repo } };
}

function hubModel({ repo, revision }: Settings): HubModel | null {
  return repo === null ? null : { repo, revision };
}

// This file is src/models/… in the sources and dist/models/… when built: both two folders below the package.
const packageRoot = fileURLToPath(new URL("../../", import.meta.url));

function bundled({ bundled: place }: Settings): FoundWeights {
  if (place === null) return null;
  const folder = place.startsWith("package://") ? join(packageRoot, place.slice("package://".length)) : place;
  if (!modelFiles.every((file) => existsSync(join(folder, file)))) return null;
  return { folder, origin: { weights: "bundled", repo: null } };
}

function missing({ name, weights }: Settings): never {
  throw new ModelError("MODEL_NO_WEIGHTS", `no ${weights} checkpoint is available for model '${name}'`, {
    where: `model.weights=${weights}`,
    fix: "model.path=FOLDER model.weights=auto (a folder with config.json and model.safetensors), or model.weights=random",
  });
}
