import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { copyFile, link, mkdir, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ArtifactRecord, ModelRecord } from "../journal/journal-record.ts";
import { isJsonObject } from "../json-value.ts";
import { FilesItem_PolicyType } from "./generated/wandb_pb.js";
import type { RecordContent } from "./wandb-records.ts";

/** One file of a kept file or folder: where it lies, and its name with `/`. */
interface SourceFile {
  readonly source: string;
  readonly name: string;
}

/**
 * Puts an artifact below the run's `files` folder, where `wandb sync` looks for it, and makes the record that names it. Linked where the
 * file system can, else copied. Undefined where there is nothing any more.
 */
export async function filesRecord(
  record: ArtifactRecord,
  runDir: string,
  filesDir: string,
): Promise<RecordContent | undefined> {
  const files = await sourceFiles(join(runDir, record.path), record.folder);
  const paths = files.map(({ name }) => (record.folder ? `${record.target}/${name}` : record.target));
  for (const [at, { source }] of files.entries()) await place(source, join(filesDir, paths[at] ?? ""));
  if (files.length === 0) return undefined;
  return {
    case: "files",
    value: { files: paths.map((path) => ({ path, policy: FilesItem_PolicyType.END })) },
  };
}

export interface ModelArtifact {
  readonly runId: string;
  readonly project: string;
  readonly entity: string;
}

/** A model as a W&B artifact of type `model`, called `<name>-<run id>`; its files stay where they lie. Undefined where there are none. */
export async function artifactRecord(
  record: ModelRecord,
  runDir: string,
  run: ModelArtifact,
): Promise<RecordContent | undefined> {
  const files = await sourceFiles(join(runDir, record.path), record.folder);
  if (files.length === 0) return undefined;
  const contents = await Promise.all(
    files.map(async ({ source, name }) => {
      const { size } = await stat(source);
      return { path: name, digest: await md5Of(source), size: BigInt(size), localPath: source };
    }),
  );
  const name = `${record.name.replaceAll(/[^\w.-]/g, "-")}-${run.runId.replaceAll(/[^\w.-]/g, "-")}`;
  return {
    case: "artifact",
    value: {
      ...run,
      type: "model",
      name,
      digest: manifestDigest(contents),
      metadata: JSON.stringify(isJsonObject(record.info) ? record.info : {}),
      aliases: ["latest"],
      manifest: {
        version: 1,
        storagePolicy: "wandb-storage-policy-v1",
        storagePolicyConfig: [{ key: "storageLayout", valueJson: '"V2"' }],
        contents,
      },
      finalize: true,
      clientId: clientId(`${name} ${record.time}`),
      sequenceClientId: clientId(name),
      digestAlgorithm: "MANIFEST_MD5",
    },
  };
}

/** Hex MD5 over a fixed line and, for each file in order of its name, `name:digest`. */
export function manifestDigest(contents: readonly { path: string; digest: string }[]): string {
  const sorted = [...contents].sort((a, b) => (a.path < b.path ? -1 : 1));
  const hash = createHash("md5").update("wandb-artifact-manifest-v1\n");
  for (const { path, digest } of sorted) hash.update(`${path}:${digest}\n`);
  return hash.digest("hex");
}

/** 128 letters and digits that only this artifact has; the same again when the file is written again. */
function clientId(text: string): string {
  return createHash("sha512").update(text).digest("hex");
}

async function md5Of(file: string): Promise<string> {
  const hash = createHash("md5");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("base64");
}

async function sourceFiles(path: string, folder: boolean): Promise<SourceFile[]> {
  try {
    if (!folder) {
      await stat(path);
      return [{ source: path, name: basename(path) }];
    }
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((source) => ({ source, name: source.slice(path.length + 1).replaceAll("\\", "/") }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

async function place(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await rm(target, { force: true });
  try {
    await link(source, target);
  } catch {
    await copyFile(source, target, constants.COPYFILE_FICLONE);
  }
}
