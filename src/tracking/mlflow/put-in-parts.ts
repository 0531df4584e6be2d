import { createReadStream } from "node:fs";
import { badAnswer, type MlflowConnection } from "./connection.ts";
import { MlflowError } from "./errors.ts";
import type { PartialUpload, UploadPart } from "./follower-state.ts";
import { readField, readList, readText } from "./read-field.ts";

const PROXY = "/api/2.0/mlflow-artifacts";
/** A store takes 10,000 parts of at least 5 MiB. */
const PARTS_AT_MOST = 10_000;
const PART_BYTES = 32 * 1024 * 1024;

export interface LargeFile {
  readonly file: string;
  readonly size: number;
  /** Changes when the file does. */
  readonly version: string;
  /** Where it goes, in `artifactProxyPath`'s form. */
  readonly path: string;
  /** An upload of it that was begun before. */
  readonly begun: PartialUpload | undefined;
  /** Keeps how far it has come. */
  readonly note: (upload: PartialUpload) => Promise<void>;
}

/**
 * Uploads a large file in parts that go straight to the store, going on where an earlier try stopped. Only S3, GCS and Azure behind a server
 * with an artifact proxy offer it.
 *
 * @throws {MlflowError} with status 501, 404 or 405 where the server does not offer it
 */
export async function putInParts(connection: MlflowConnection, file: LargeFile): Promise<void> {
  const { begun } = file;
  let upload = begun?.path === file.path && begun.version === file.version ? begun : undefined;
  upload ??= await beginUpload(connection, file);
  await file.note(upload);
  for (const part of upload.parts) {
    if (part.etag !== undefined) continue;
    const etag = await sendPart(connection, file, upload, part);
    const parts: readonly UploadPart[] = upload.parts.map((it) => (it === part ? { ...it, etag } : it));
    upload = { ...upload, parts };
    await file.note(upload);
  }
  await completeUpload(connection, file, upload);
}

async function beginUpload(connection: MlflowConnection, file: LargeFile): Promise<PartialUpload> {
  const partBytes = Math.max(PART_BYTES, Math.ceil(file.size / PARTS_AT_MOST));
  const count = Math.ceil(file.size / partBytes);
  const answer = await connection.call({
    method: "POST",
    path: `${PROXY}/mpu/create/${folderOf(file.path)}`,
    body: { path: nameOf(file.path), num_parts: count },
  });
  const parts = readList(answer, "credentials").map(readCredential);
  const uploadId = readText(answer, "upload_id") ?? "";
  if (parts.length !== count)
    throw badAnswer("the server offers another number of parts", connection.settings.base);
  const inOrder = [...parts].sort((a, b) => a.number - b.number);
  return { path: file.path, version: file.version, uploadId, partBytes, parts: inOrder };
}

function readCredential(credential: unknown): UploadPart {
  const headers = readField(credential, "headers");
  const entries = typeof headers === "object" && headers !== null ? Object.entries(headers) : [];
  return {
    number: Number(readField(credential, "part_number")),
    url: readText(credential, "url") ?? "",
    headers: Object.fromEntries(entries.map(([key, value]) => [key, String(value)])),
  };
}

async function sendPart(
  connection: MlflowConnection,
  file: LargeFile,
  upload: PartialUpload,
  part: UploadPart,
): Promise<string> {
  const start = (part.number - 1) * upload.partBytes;
  const end = Math.min(file.size, start + upload.partBytes) - 1;
  const stream = createReadStream(file.file, { start, end });
  const { status, etag } = await connection.putElsewhere(part.url, part.headers, stream, end - start + 1);
  if (status < 300) return etag;
  // The addresses of the parts are valid for some minutes only: another try gets new ones.
  if (status < 500) await file.note({ ...upload, version: "begin anew" });
  const what = `the store answers ${status} to a part of a large file`;
  throw new MlflowError("MLFLOW_SERVER_FAULT", what, { kind: "transient", status, where: file.file });
}

async function completeUpload(
  connection: MlflowConnection,
  file: LargeFile,
  upload: PartialUpload,
): Promise<void> {
  await connection.call({
    method: "POST",
    path: `${PROXY}/mpu/complete/${folderOf(file.path)}`,
    body: {
      path: nameOf(file.path),
      upload_id: upload.uploadId,
      parts: upload.parts.map(({ number, etag, url }) => ({ part_number: number, etag, url })),
    },
  });
}

/** The part of a proxy path behind `…/artifacts/`, without the file's name. */
function folderOf(path: string): string {
  return path.slice(`${PROXY}/artifacts/`.length, path.lastIndexOf("/"));
}

function nameOf(path: string): string {
  return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
}
