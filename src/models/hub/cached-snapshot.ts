import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A model on the hub. */
export interface HubModel {
  /** `owner/name`. */
  readonly repo: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

/** A model's files at one commit, in the hub's cache. */
export interface Snapshot {
  readonly folder: string;
  readonly commit: string;
}

/** What a model is read from. */
export const modelFiles = ["config.json", "model.safetensors"] as const;

const COMMIT = /^[0-9a-f]{40}$/;

/** The folder of a repository in the cache: `models--owner--name`, with `refs`, `blobs` and `snapshots`. */
export function repositoryFolder(cacheDir: string, { repo }: HubModel): string {
  return join(cacheDir, ["models", ...repo.split("/")].join("--"));
}

export function snapshotFolder(cacheDir: string, model: HubModel, commit: string): string {
  return join(repositoryFolder(cacheDir, model), "snapshots", commit);
}

/** The model where the cache has it whole: for a branch or a tag, at the commit that it was at when it was fetched last. */
export function cachedSnapshot(cacheDir: string, model: HubModel): Snapshot | null {
  const commit = COMMIT.test(model.revision) ? model.revision : cachedCommit(cacheDir, model);
  if (commit === null) return null;
  const folder = snapshotFolder(cacheDir, model, commit);
  return modelFiles.every((file) => existsSync(join(folder, file))) ? { folder, commit } : null;
}

function cachedCommit(cacheDir: string, model: HubModel): string | null {
  try {
    const file = join(repositoryFolder(cacheDir, model), "refs", model.revision);
    const commit = readFileSync(file, "utf8").trim();
    return COMMIT.test(commit) ? commit : null;
  } catch {
    return null;
  }
}
