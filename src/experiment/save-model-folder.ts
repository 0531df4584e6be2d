import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { ForecastModel } from "../models/index.ts";
import { type Tensor, writeSafetensors } from "../onnx/index.ts";

/** Writes `config.json` and `model.safetensors`, as the hub publishes models: `model.path` takes the folder. */
export async function saveModelFolder(
  folder: string,
  model: ForecastModel,
  weights: ReadonlyMap<string, Tensor>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, "model.safetensors"), weights, { format: "pt" });
  await writeFileAtomic(join(folder, "config.json"), `${JSON.stringify(model.config, null, 2)}\n`);
}
