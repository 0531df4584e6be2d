import { access, copyFile, mkdir, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { modelInfo, type PathInfo, pathsInfo } from "@huggingface/hub";
import writeFileAtomic from "write-file-atomic";
import { ModelError } from "../errors.ts";
import {
  type HubModel,
  modelFiles,
  repositoryFolder,
  type Snapshot,
  snapshotFolder,
} from "./cached-snapshot.ts";
import { fetchBlob } from "./fetch-blob.ts";
import type { HubAccess } from "./hub-access.ts";
import { hubFault, unreachable } from "./hub-faults.ts";
import { withBlobLock } from "./with-blob-lock.ts";

export interface FetchSnapshotOptions {
  /** Told in one line before something is downloaded or waited for. */
  readonly onNotice?: ((notice: string) => void) | undefined;
}

/** A hub that has not answered by then is taken for not reachable. */
const FIRST_ANSWER_MS = 2_500;
const ANSWER_MS = 20_000;

/**
 * Fetches a model's files into the hub's cache, in the layout that all of the hub's libraries share. A download that was cut goes on where
 * it stopped; each file is held against the hub's checksum before it gets its name; processes that want the same file wait for the
 * one that fetches it.
 *
 * @throws {ModelError} MODEL_HUB_UNREACHABLE, MODEL_HUB_REFUSED, MODEL_DOWNLOAD_FAILED, MODEL_CHECKSUM
 */
export async function fetchSnapshot(
  model: HubModel,
  hub: HubAccess,
  options: FetchSnapshotOptions = {},
): Promise<Snapshot> {
  if (hub.offline) throw unreachable(model, hub, "HF_HUB_OFFLINE is set");
  const commit = await currentCommit(model, hub);
  const files = await describeFiles(model, hub, commit);
  const folder = snapshotFolder(hub.cacheDir, model, commit);
  for (const file of files) await fetchFile(file, { model, hub, commit, folder, options });
  if (model.revision !== commit) await keepRef(model, hub, commit);
  return { folder, commit };
}

async function currentCommit({ repo, revision }: HubModel, hub: HubAccess): Promise<string> {
  const { sha } = await asked({ repo, revision }, hub, FIRST_ANSWER_MS, (request) =>
    modelInfo({ ...request, name: repo, revision, additionalFields: ["sha"] }),
  );
  return sha;
}

async function describeFiles(model: HubModel, hub: HubAccess, commit: string): Promise<PathInfo[]> {
  const { repo: name } = model;
  const found = await asked(model, hub, ANSWER_MS, (request) =>
    pathsInfo({ ...request, repo: { type: "model", name }, revision: commit, paths: [...modelFiles] }),
  );
  return modelFiles.map((path) => {
    const info = found.find((file) => file.path === path && file.type === "file");
    if (info) return info;
    throw new ModelError("MODEL_HUB_REFUSED", `the repository ${name} has no ${path}`, {
      where: `${hub.hubUrl}/${name} at ${commit}`,
      fix: "name a repository with a model of this family: model.repo=OWNER/NAME",
    });
  });
}

interface HubRequest {
  readonly hubUrl: string;
  readonly accessToken?: string;
  readonly fetch: typeof fetch;
}

/** Asks the hub for something small. */
async function asked<Answer>(
  model: HubModel,
  hub: HubAccess,
  milliseconds: number,
  ask: (request: HubRequest) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask({
      hubUrl: hub.hubUrl,
      ...(hub.token === undefined ? {} : { accessToken: hub.token }),
      fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(milliseconds) }),
    });
  } catch (error) {
    throw hubFault(error, model, hub);
  }
}

interface FileContext {
  readonly model: HubModel;
  readonly hub: HubAccess;
  readonly commit: string;
  readonly folder: string;
  readonly options: FetchSnapshotOptions;
}

async function fetchFile(info: PathInfo, context: FileContext): Promise<void> {
  const { model, hub, commit, folder, options } = context;
  const blob = join(repositoryFolder(hub.cacheDir, model), "blobs", checksumOf(info));
  const link = join(folder, info.path);
  await mkdir(dirname(blob), { recursive: true });
  await mkdir(dirname(link), { recursive: true });
  await withBlobLock(blob, options, async () => {
    if (!(await exists(blob))) await fetchBlob({ info, blob, model, hub, commit, ...options });
    if (!(await exists(link))) await linkTo(blob, link);
  });
}

/** SHA-256 of a large file, git's SHA-1 of a small one: what names it in the cache. */
function checksumOf({ lfs, oid, path }: PathInfo): string {
  const checksum = lfs?.oid ?? oid;
  if (checksum !== undefined && /^[0-9a-f]{40,64}$/.test(checksum)) return checksum;
  throw new ModelError("MODEL_DOWNLOAD_FAILED", `the hub gives no checksum of ${path}`, {
    fix: "download the model by another tool and name its folder: model.path=FOLDER",
  });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** A relative link, so that the cache can be moved; a copy where the file system has no links. */
async function linkTo(blob: string, link: string): Promise<void> {
  await symlink(relative(dirname(link), blob), link).catch((error: NodeJS.ErrnoException) =>
    error.code === "EEXIST" ? undefined : copyFile(blob, link),
  );
}

async function keepRef(model: HubModel, hub: HubAccess, commit: string): Promise<void> {
  const file = join(repositoryFolder(hub.cacheDir, model), "refs", model.revision);
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomic(file, commit);
}
