import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { downloadFile, type PathInfo } from "@huggingface/hub";
import { ModelError } from "../errors.ts";
import type { HubModel } from "./cached-snapshot.ts";
import type { HubAccess } from "./hub-access.ts";
import { hubFault } from "./hub-faults.ts";

export interface FetchBlobOptions {
  readonly info: PathInfo;
  /** Where it goes; what is there of it so far lies beside it, with the ending `.incomplete`. */
  readonly blob: string;
  readonly model: HubModel;
  readonly hub: HubAccess;
  readonly commit: string;
  readonly onNotice?: ((notice: string) => void) | undefined;
}

/** Connections in a row that bring nothing, after which a download is given up. */
const MOST_FRUITLESS = 3;

/** Fetches one file, going on where an earlier download stopped, and gives it its name once its checksum is right. */
export async function fetchBlob(options: FetchBlobOptions): Promise<void> {
  const { info, blob, model, onNotice } = options;
  const partial = `${blob}.incomplete`;
  const had = await sizeOf(partial);
  const size = info.lfs?.size ?? info.size;
  if (size > 0) {
    const rest = had > 0 ? `, of which ${megabytes(had)} are there` : "";
    onNotice?.(`fetches ${model.repo}/${info.path}, ${megabytes(size)}${rest}`);
  }
  await fetchRest(options, partial, size);
  await requireChecksum(options, partial, size);
  await rename(partial, blob);
}

async function fetchRest(options: FetchBlobOptions, partial: string, size: number): Promise<void> {
  let fruitless = 0;
  for (let have = await sizeOf(partial); have < size; ) {
    const fault = await fetchFrom(have, options, partial);
    const now = await sizeOf(partial);
    fruitless = now > have ? 0 : fruitless + 1;
    have = now;
    if (have > size) throw await notTheRest(options, partial);
    if (fault && (fault.code !== "MODEL_HUB_UNREACHABLE" || fruitless >= MOST_FRUITLESS)) throw fault;
    if (!fault && fruitless >= MOST_FRUITLESS) throw cutOff(options, have, size);
  }
}

/** One connection's worth; what came before it broke is kept. */
async function fetchFrom(
  offset: number,
  { info, model, hub, commit }: FetchBlobOptions,
  partial: string,
): Promise<ModelError | undefined> {
  try {
    const file = await downloadFile({
      repo: { type: "model", name: model.repo },
      path: info.path,
      revision: commit,
      hubUrl: hub.hubUrl,
      xet: false,
      ...(hub.token === undefined ? {} : { accessToken: hub.token }),
    });
    if (!file) return cutOff({ info, model, hub }, offset, info.size);
    const stream = file.slice(offset).stream() as ReadableStream<Uint8Array>;
    await pipeline(Readable.fromWeb(stream), createWriteStream(partial, { flags: "a" }));
    return undefined;
  } catch (error) {
    return hubFault(error, model, hub);
  }
}

/** The hub's checksum: SHA-256 of a large file, git's SHA-1 of a small one. A file that fails it is removed. */
async function requireChecksum(options: FetchBlobOptions, partial: string, size: number): Promise<void> {
  const { info, model, hub } = options;
  const large = info.lfs !== undefined;
  const hash = large ? createHash("sha256") : createHash("sha1").update(`blob ${await sizeOf(partial)}\0`);
  const found = await digest(partial, hash);
  const expected = info.lfs?.oid ?? info.oid;
  if (found === expected && (await sizeOf(partial)) === size) return;
  await rm(partial, { force: true });
  throw new ModelError("MODEL_CHECKSUM", `${info.path} came with another content than the hub describes`, {
    where: {
      text: `${hub.hubUrl}/${model.repo}`,
      detail: [`expected ${expected}`, `found    ${found}`],
    },
    fix: "try again; if it stays so, the mirror or a proxy on the way changes files: unset HF_ENDPOINT",
  });
}

async function digest(file: string, hash: Hash): Promise<string> {
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

function cutOff(
  { info, model, hub }: Pick<FetchBlobOptions, "info" | "model" | "hub">,
  have: number,
  size: number,
): ModelError {
  return new ModelError("MODEL_DOWNLOAD_FAILED", `${info.path} ends after ${have} of ${size} bytes`, {
    where: `${hub.hubUrl}/${model.repo}`,
    fix: "run it again: the download goes on where it stopped",
  });
}

/** A server that sends the whole file again where the rest of it was asked for. */
async function notTheRest({ model, hub }: FetchBlobOptions, partial: string): Promise<ModelError> {
  await rm(partial, { force: true });
  return new ModelError("MODEL_DOWNLOAD_FAILED", "the server sends files from their beginning only", {
    where: `${hub.hubUrl}/${model.repo}`,
    fix: "run it again: the download starts anew",
  });
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
