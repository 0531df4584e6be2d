import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { isJsonObject } from "../json-value.ts";
import { progressSchema } from "../schema.ts";

/**
 * How far one server has come with one run. Everything before `offset` in the journal is there, up to `doubtTo` it may be; files have a
 * cursor of their own, so that a large one holds nothing else up.
 */
export interface FollowerState {
  readonly version: 1;
  readonly uri: string;
  /** The journal that `offset` counts in, relative to the run folder. */
  readonly journal: string;
  offset: number;
  doubtTo: number;
  fileOffset: number;
  /** What has been sent of the file record at `fileOffset`. */
  progress: FileProgress;
  experimentId?: string;
  runId?: string;
  artifactUri?: string;
}

/** Files of one record that are on the server, and the large one that is under way. */
export interface FileProgress {
  readonly done: readonly string[];
  readonly upload?: PartialUpload;
}

/** A file that is sent in parts, as far as it has come. */
export interface PartialUpload {
  /** Where it goes, as `artifactProxyPath` says. */
  readonly path: string;
  /** Size and time of last change: another file under that name begins anew. */
  readonly version: string;
  readonly uploadId: string;
  readonly partBytes: number;
  readonly parts: readonly UploadPart[];
}

/** `etag` is the store's word that it has the part. */
export interface UploadPart {
  readonly number: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly etag?: string;
}

export const NOTHING_SENT: FileProgress = { done: [] };

/** The folder of one server's state in a run folder. */
export function remoteFolder(runDir: string, base: string): string {
  const digest = createHash("sha256").update(base).digest("hex").slice(0, 8);
  return join(runDir, ".ttm", `mlflow-${digest}`);
}

/** The state on disk, or undefined where there is none that can be read: then the server is asked what it has. */
export async function readState(path: string): Promise<FollowerState | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    if (!isJsonObject(value) || value["version"] !== 1) return undefined;
    const { uri, journal, offset, doubtTo, fileOffset, experimentId, runId, artifactUri } = value;
    if (typeof uri !== "string" || typeof journal !== "string") return undefined;
    if (typeof offset !== "number" || typeof doubtTo !== "number") return undefined;
    return {
      version: 1,
      uri,
      journal,
      offset,
      doubtTo,
      fileOffset: typeof fileOffset === "number" ? fileOffset : offset,
      progress: readProgress(value["progress"]),
      ...(typeof experimentId === "string" ? { experimentId } : {}),
      ...(typeof runId === "string" ? { runId } : {}),
      ...(typeof artifactUri === "string" ? { artifactUri } : {}),
    };
  } catch {
    return undefined;
  }
}

export async function writeState(path: string, state: FollowerState): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, `${JSON.stringify(state, null, 1)}\n`, { fsync: false });
}

/** What was noted of a file that is under way; nothing where the note is not one of ours: then it is sent again. */
function readProgress(value: unknown): FileProgress {
  const parsed = progressSchema.safeParse(value);
  return parsed.success ? parsed.data : NOTHING_SENT;
}
