import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "./doc-blocks.ts";
import { ScratchProject } from "./scratch-project.ts";

const project = new ScratchProject();

/** A model of a few thousand weights: the program is the point here. */
const small = [
  "model.weights=random",
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
  "data.fewshot_fraction=0.1",
  "hydra.sweep.dir=s",
];

beforeAll(() => cpSync(join(root, "examples/sweep-script.ts"), join(project.dir, "sweep-script.ts")));
afterAll(() => project.remove());

describe("examples/sweep-script.ts", { timeout: 240_000 }, () => {
  it("type-checks as a user's program", async () => {
    expect(await project.typeErrors()).toEqual([]);
  });

  it("trains every job on two workers, names the best, and goes on with the sweep when it is asked to", async () => {
    const first = await project.run("sweep-script.ts", small);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/^sweep {7}completed, 4 jobs$/m);
    const best = /^best {8}#(\d) {2}validation loss (\S+)$/m.exec(first.stdout);
    const sweep = JSON.parse(readFileSync(join(project.dir, "s", "sweep.json"), "utf8"));
    const losses = sweep.jobs.map(
      ({ result }: { result: { best_val_loss: number } }) => result.best_val_loss,
    );
    expect(Number(best?.[2])).toBe(Math.min(...losses));
    expect(existsSync(join(project.dir, "s", best?.[1] ?? "", "adapter"))).toBe(true);
    const again = await project.run("sweep-script.ts", ["--resume", "s"]);
    expect(again.stdout).toBe(first.stdout);
  });
});
