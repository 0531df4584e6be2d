import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { Random } from "../../src/core/index.ts";
import { type ForecastModel, loadModel } from "../../src/models/index.ts";
import { readSafetensors, type Tensor } from "../../src/onnx/index.ts";
import { isFamily } from "./families.ts";
import { findShared } from "./shared-folder.ts";

/** What a replay says: nothing where the case holds, else `expected …, got …`, or why it was left out. */
export interface ReplayResult {
  readonly ok: boolean;
  readonly message: string;
  readonly skipped?: boolean;
}

const compareRule = z.looseObject({
  tensors: z.string(),
  scale: z.enum(["max", "change"]),
  tolerance: z.number(),
});

const dataSpec = z.looseObject({
  dataset: z.string(),
  context: z.int(),
  horizon: z.int(),
  starts: z.array(z.int()).optional(),
  held_starts: z.array(z.int()).optional(),
  channels: z.array(z.int()).nullish(),
});

const goldenCase = z.looseObject({
  id: z.string(),
  kind: z.string(),
  family: z.string().default(""),
  model: z.string().default(""),
  config: z.string().optional(),
  config_overrides: z.record(z.string(), z.unknown()).optional(),
  data: dataSpec.optional(),
  lora: z.record(z.string(), z.unknown()).optional(),
  loss: z.string().nullish(),
  optional: z.boolean().optional(),
  compare: z.array(compareRule).default([]),
});

export type CompareRule = z.infer<typeof compareRule>;
export type DataSpec = z.infer<typeof dataSpec>;

/** A golden: `case.json` and the tensors beside it. */
export interface GoldenCase extends z.infer<typeof goldenCase> {
  readonly folder: string;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export async function readCase(caseFolder: string): Promise<GoldenCase> {
  const folder = resolve(caseFolder);
  const parsed = goldenCase.parse(JSON.parse(await readFile(join(folder, "case.json"), "utf8")));
  const file = join(folder, "tensors.safetensors");
  return { ...parsed, folder, tensors: existsSync(file) ? readSafetensors(file).tensors : new Map() };
}

/** The model a case names: a folder of its own, or one of the shared models; with its configuration and overrides. */
export function loadCaseModel(golden: GoldenCase): ForecastModel {
  const own = golden.model.startsWith("./") ? join(golden.folder, golden.model) : undefined;
  const path = own ?? findShared(join("models", golden.model), golden.folder);
  if (path === undefined) throw new Error(`the model ${golden.model} is not there`);
  return loadModel({
    path,
    random: Random.fromSeed(0),
    ...(isFamily(golden.family) ? { family: golden.family } : {}),
    ...(golden.config === undefined ? {} : { configPath: join(golden.folder, golden.config) }),
    ...(golden.config_overrides ? { overrides: golden.config_overrides } : {}),
  });
}

/** The tensors under a prefix (`initial.`, `expected.final.`), the prefix taken off. */
export function tensorsUnder(golden: GoldenCase, prefix: string): ReadonlyMap<string, Tensor> {
  return new Map(
    [...golden.tensors].flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor] as const] : [],
    ),
  );
}

/** Runs a replay; whatever it throws is a failure of the case. */
export async function replay(run: () => Promise<readonly string[]>): Promise<ReplayResult> {
  try {
    const faults = await run();
    return { ok: faults.length === 0, message: faults.slice(0, 3).join("; ") };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { ok: false, message: `expected a result, got the error: ${text}` };
  }
}
