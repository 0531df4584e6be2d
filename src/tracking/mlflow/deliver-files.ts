import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { flattenParams, paramText } from "../flatten-params.ts";
import type { ArtifactRecord, ModelRecord } from "../journal/journal-record.ts";
import { isJsonObject } from "../json-value.ts";
import { modelInfo } from "../run/readable-files.ts";
import { artifactProxyPath } from "./artifact-proxy-path.ts";
import { cleanName, cutText } from "./clean-name.ts";
import { type Delivery, isRefusal } from "./delivery.ts";
import { MlflowError } from "./errors.ts";
import type { FileProgress } from "./follower-state.ts";
import { ensureLoggedModel, finishLoggedModel } from "./logged-models.ts";
import { type ArtifactContent, putArtifact } from "./put-artifact.ts";
import { putInParts } from "./put-in-parts.ts";

/** From this size on a file goes in parts, where the server can. */
const LARGE_BYTES = 64 * 1024 * 1024;
const PARAM_VALUE_AT_MOST = 6_000;

/** What it takes to bring a record's files to the server, and to go on where an earlier try stopped. */
export interface FileDelivery extends Delivery {
  readonly experimentId: string;
  /** Our own id of the record. */
  readonly clientId: string;
  progress: FileProgress;
  readonly keepProgress: (progress: FileProgress) => Promise<void>;
  /** What the server does not offer; asked once in a process. */
  readonly lacks: { parts: boolean; loggedModels: boolean };
}

/** Uploads a file, or a folder file by file in a stable order. */
export async function deliverArtifact(record: ArtifactRecord, delivery: FileDelivery): Promise<void> {
  await uploadTree(record, { root: delivery.artifactUri, target: record.target }, delivery);
}

/**
 * Uploads a model's folder to `model/<name>` of the run, with its `model_info.json`; a 3.x server gets it as a logged model, too.
 */
export async function deliverModel(record: ModelRecord, delivery: FileDelivery): Promise<void> {
  const root = record.name === "model" ? "model" : `model/${record.name}`;
  const info = { text: `${JSON.stringify(modelInfo(record), null, 2)}\n` };
  const target = record.folder ? root : `${root}/${basename(record.path)}`;
  await uploadTree(record, { root: delivery.artifactUri, target }, delivery);
  await upload({ root: delivery.artifactUri, name: `${root}/model_info.json` }, info, delivery);
  await deliverLoggedModel(record, info, delivery);
}

async function deliverLoggedModel(
  record: ModelRecord,
  info: ArtifactContent,
  delivery: FileDelivery,
): Promise<void> {
  if (delivery.lacks.loggedModels) return;
  const { connection, runId, experimentId, clientId } = delivery;
  const { name } = record;
  const params = modelParams(record);
  const place = await ensureLoggedModel(connection, { experimentId, runId, name, clientId, params });
  if (place === undefined) {
    delivery.lacks.loggedModels = true;
    return;
  }
  const { artifactUri: root, modelId } = place;
  await uploadTree(record, { root, target: record.folder ? "" : basename(record.path) }, delivery);
  await upload({ root, name: "model_info.json" }, info, delivery);
  await upload({ root, name: "MLmodel" }, { text: mlmodelText(record, runId, modelId) }, delivery);
  await finishLoggedModel(connection, runId, modelId);
}

/** The leaves of what is known of a model, as the server takes params. */
function modelParams({ info }: ModelRecord): Map<string, string> {
  const leaves = Object.entries(flattenParams(isJsonObject(info) ? info : {}));
  return new Map(
    leaves.map(([key, value]) => [cleanName(key), cutText(paramText(value), PARAM_VALUE_AT_MOST)]),
  );
}

/** The file by which MLflow's own tools know a model's folder; its texts are JSON, which is YAML. */
function mlmodelText({ name, time }: ModelRecord, runId: string, modelId: string): string {
  const created = new Date(time).toISOString().replace("T", " ").replace("Z", "000");
  return [
    `artifact_path: ${JSON.stringify(name)}`,
    "flavors:",
    "  ttm:",
    "    data: .",
    `model_id: ${JSON.stringify(modelId)}`,
    `run_id: ${JSON.stringify(runId)}`,
    `utc_time_created: ${JSON.stringify(created)}`,
    "",
  ].join("\n");
}

interface Target {
  /** An artifact URI. */
  readonly root: string;
  /** Below it: the file itself, or the folder that takes the content. */
  readonly target: string;
}

async function uploadTree(
  record: ArtifactRecord | ModelRecord,
  { root, target }: Target,
  delivery: FileDelivery,
): Promise<void> {
  const source = join(delivery.runDir, record.path);
  if (!record.folder) return uploadFile({ root, name: target }, source, delivery);
  for (const name of await filesUnder(source)) {
    const path = target === "" ? name : `${target}/${name}`;
    await uploadFile({ root, name: path }, join(source, name), delivery);
  }
}

interface Place {
  readonly root: string;
  readonly name: string;
}

/** One file, unless an earlier try has brought it. */
async function uploadFile(place: Place, file: string, delivery: FileDelivery): Promise<void> {
  const key = `${place.root} ${place.name}`;
  if (delivery.progress.done.includes(key)) return;
  try {
    const { size, mtimeMs } = await statFile(file);
    const path = artifactProxyPath(place.root, place.name);
    if (size >= LARGE_BYTES && !delivery.lacks.parts)
      await uploadLarge(path, { file, size, version: `${size} ${mtimeMs}` }, delivery);
    else await putArtifact(delivery.connection, path, { file, size });
  } catch (fault) {
    if (!isRefusal(fault, delivery)) throw fault;
    await delivery.reject({ artifact: place.name, file }, fault);
  }
  await keep(delivery, { done: [...delivery.progress.done, key] });
}

async function uploadLarge(
  path: string,
  file: { readonly file: string; readonly size: number; readonly version: string },
  delivery: FileDelivery,
): Promise<void> {
  const { connection, progress } = delivery;
  try {
    await putInParts(connection, {
      ...file,
      path,
      begun: progress.upload,
      note: (upload) => keep(delivery, { done: delivery.progress.done, upload }),
    });
  } catch (fault) {
    const status = fault instanceof MlflowError ? fault.status : undefined;
    if (status !== 501 && status !== 404 && status !== 405) throw fault;
    delivery.lacks.parts = true;
    await putArtifact(connection, path, file);
  }
}

async function upload(place: Place, content: ArtifactContent, delivery: FileDelivery): Promise<void> {
  try {
    await putArtifact(delivery.connection, artifactProxyPath(place.root, place.name), content);
  } catch (fault) {
    if (!isRefusal(fault, delivery)) throw fault;
    await delivery.reject({ artifact: place.name }, fault);
  }
}

async function keep(delivery: FileDelivery, progress: FileProgress): Promise<void> {
  delivery.progress = progress;
  await delivery.keepProgress(progress);
}

async function statFile(path: string): Promise<{ size: number; mtimeMs: number }> {
  try {
    return await stat(path);
  } catch (cause) {
    const fix = "keep a logged file until the run has been sent";
    throw new MlflowError("MLFLOW_ARTIFACT_STORE", "the file was gone before it could be sent", {
      kind: "refused",
      where: path,
      fix,
      cause,
    });
  }
}

async function filesUnder(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(folder.length + 1)
          .replaceAll("\\", "/"),
      )
      .sort();
  } catch {
    // The folder is gone: it stands for itself, so that its own upload says so.
    return [""];
  }
}
