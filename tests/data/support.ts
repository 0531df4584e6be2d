import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Dataset, dataSettingsSchema, loadDataset, type WindowSize } from "../../src/data/index.ts";

export const dataFolder = join(import.meta.dirname, "data");

/** The folder of shared oracles, or undefined where it is not there. */
export const sharedFolder = [
  process.env["TTM_SHARED"] ?? resolve(import.meta.dirname, "../../../shared"),
].find(existsSync);

export const noShared =
  sharedFolder === undefined ? " (skipped: no ../shared folder, and TTM_SHARED is not set)" : "";

/** Loads a file of tests/data/data. */
export function load(
  file: string,
  settings: Record<string, unknown> = {},
  size: WindowSize = { context: 2, horizon: 1 },
): Promise<Dataset> {
  return loadDataset(
    dataSettingsSchema.parse({ source_name: "test", path: join(dataFolder, file), ...settings }),
    size,
  );
}

/** Splits that give every part one window of a context of 2 and a horizon of 1 in five rows. */
export const fiveRows = { split: { kind: "rows", train: [0, 3], validation: [3, 4], test: [4, 5] } };
