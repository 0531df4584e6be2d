import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { isJsonObject } from "../json-value.ts";

/** How far one server has come with one run. Everything before `offset` in the journal is there; up to `doubtTo` it may be. */
export interface FollowerState {
  readonly version: 1;
  readonly uri: string;
  /** The journal that `offset` counts in, relative to the run folder. */
  readonly journal: string;
  offset: number;
  doubtTo: number;
  experimentId?: string;
  runId?: string;
  artifactUri?: string;
}

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
    const { uri, journal, offset, doubtTo, experimentId, runId, artifactUri } = value;
    if (typeof uri !== "string" || typeof journal !== "string") return undefined;
    if (typeof offset !== "number" || typeof doubtTo !== "number") return undefined;
    return {
      version: 1,
      uri,
      journal,
      offset,
      doubtTo,
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
