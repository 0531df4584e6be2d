import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { isJsonObject } from "../json-value.ts";
import type { WandbFileState } from "./wandb-file.ts";
import type { WandbSettings } from "./wandb-settings.ts";

/** How far the `.wandb` files of a run have come: the journal up to `offset` stands in them. */
export interface WandbState extends WandbFileState {
  readonly version: 1;
  /** The journal that `offset` counts in, relative to the run's folder. */
  readonly journal: string;
  readonly offset: number;
  /** The folder of the newest file; `null` while there is none. */
  readonly folder: string | null;
  /** The `.wandb` file in it. */
  readonly file: string | null;
  /** How the run is filed, so that `ttm sync` goes on as it began. */
  readonly settings: WandbSettings;
}

/** Where a run folder keeps what belongs to the W&B follower. */
export function wandbStateFolder(runDir: string): string {
  return join(runDir, ".ttm", "wandb");
}

export async function readWandbState(runDir: string): Promise<WandbState | undefined> {
  try {
    const path = join(wandbStateFolder(runDir), "state.json");
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return isState(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export async function writeWandbState(runDir: string, state: WandbState): Promise<void> {
  const path = join(wandbStateFolder(runDir), "state.json");
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, `${JSON.stringify(state, null, 1)}\n`, { fsync: false });
}

function isState(value: unknown): value is WandbState {
  if (!isJsonObject(value) || value["version"] !== 1) return false;
  const { journal, offset, size, num, settings } = value;
  return (
    isJsonObject(settings) &&
    typeof journal === "string" &&
    typeof offset === "number" &&
    typeof size === "number" &&
    typeof num === "number"
  );
}
