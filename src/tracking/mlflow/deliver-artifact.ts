import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ArtifactRecord, ModelRecord } from "../journal/journal-record.ts";
import { modelInfo } from "../run/readable-files.ts";
import { artifactProxyPath } from "./artifact-proxy-path.ts";
import { type Delivery, isRefusal } from "./delivery.ts";
import { MlflowError } from "./errors.ts";
import { type ArtifactContent, putArtifact } from "./put-artifact.ts";

/** Uploads a file, or a folder file by file in a stable order. */
export async function deliverArtifact(record: ArtifactRecord, delivery: Delivery): Promise<void> {
  const source = join(delivery.runDir, record.path);
  if (!record.folder) return upload(record.target, { file: source }, delivery);
  for (const name of await filesUnder(source)) {
    await upload(`${record.target}/${name}`, { file: join(source, name) }, delivery);
  }
}

/** Uploads a model's folder to `model/<name>`, with its `model_info.json`. */
export async function deliverModel(record: ModelRecord, delivery: Delivery): Promise<void> {
  const root = record.name === "model" ? "model" : `model/${record.name}`;
  const target = record.folder ? root : `${root}/${basename(record.path)}`;
  await deliverArtifact({ ...record, type: "artifact", target }, delivery);
  await upload(
    `${root}/model_info.json`,
    { text: `${JSON.stringify(modelInfo(record), null, 2)}\n` },
    delivery,
  );
}

async function upload(name: string, content: ArtifactContent, delivery: Delivery): Promise<void> {
  try {
    if ("file" in content) await requireFile(content.file);
    await putArtifact(delivery.connection, artifactProxyPath(delivery.artifactUri, name), content);
  } catch (fault) {
    if (!isRefusal(fault, delivery)) throw fault;
    await delivery.reject({ artifact: name, ...("file" in content ? { file: content.file } : {}) }, fault);
  }
}

async function requireFile(path: string): Promise<void> {
  try {
    await stat(path);
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
