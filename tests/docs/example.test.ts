import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "./doc-blocks.ts";
import { ScratchProject } from "./scratch-project.ts";

const project = new ScratchProject();

/** A model of a few thousand weights: the program is the point here. */
const small = [
  "model.architecture.context_length=64",
  "model.architecture.prediction_length=16",
  "model.architecture.patch_length=16",
  "model.architecture.patch_stride=16",
  "model.architecture.d_model=8",
  "model.architecture.num_layers=1",
  "model.architecture.adaptive_patching_levels=0",
  "model.architecture.decoder_d_model=8",
  "model.architecture.decoder_num_layers=1",
  "training.num_epochs=1",
  "training.lora_rank=2",
  "data.fewshot_fraction=0.2",
  "runtime.workers=1",
];

beforeAll(() => cpSync(join(root, "examples/fine-tune.ts"), join(project.dir, "fine-tune.ts")));
afterAll(() => project.remove());

describe("examples/fine-tune.ts", () => {
  it("type-checks as a user's program", async () => {
    expect(await project.typeErrors()).toEqual([]);
  });

  it("trains and says where the run is", async () => {
    const { code, stdout, stderr } = await project.run("fine-tune.ts", small, { MLFLOW_TRACKING_URI: "" });
    expect(code, stderr).toBe(0);
    const runDir = /^run\s+(\S+)$/m.exec(stdout)?.[1] as string;
    expect(existsSync(join(runDir, "adapter/adapter_model.safetensors"))).toBe(true);
    expect(JSON.parse(readFileSync(join(runDir, "run_summary.json"), "utf8")).status).toBe("completed");
  });
});
