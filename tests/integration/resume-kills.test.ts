import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { essence, killAndResume } from "../cli/kill-and-resume.ts";
import { runHere } from "../cli/run-ttm.ts";
import { type TinyExperiment, tinyExperiment } from "../experiment/tiny-experiment.ts";

let tiny: TinyExperiment;
beforeAll(async () => {
  tiny = await tinyExperiment();
});
afterAll(() => tiny.remove());

const KILLS = 12;

describe("ttm, killed at random steps and resumed each time", () => {
  it.each([
    {
      name: "adapters",
      seed: 1,
      words: ["lora.dropout=0.1", "training.ema_decay=0.95", "training.checkpoint_every_steps=7"],
    },
    {
      name: "pissa, stopping early",
      seed: 2,
      words: ["lora=pissa", "training.patience=2", "training.learning_rate=2e-2"],
    },
    {
      name: "biases alone, a rate that follows the losses",
      seed: 3,
      words: ["lora=bitfit", "scheduler=plateau", "scheduler.patience=0", "training.learning_rate=5e-2"],
    },
    {
      name: "every weight, one cycle, three steps in a run",
      seed: 4,
      words: ["lora=full", "scheduler=one_cycle", "runtime.steps_per_run=3"],
    },
  ])("$name: the same points and adapter after 12 kills", async ({ name, words, seed }) => {
    const all = [...tiny.words, "training.num_epochs=10", ...words];
    const [whole, runDir] = [join(tiny.root, `${name}-whole`), join(tiny.root, `${name}-killed`)];
    const straight = await runHere([...all, `hydra.run.dir='${whole}'`]);
    expect(straight.code, straight.stderr).toBe(0);
    const killed = await killAndResume({
      words: [...all, `hydra.run.dir='${runDir}'`],
      runDir,
      kills: KILLS,
      steps: 120,
      random: Random.fromSeed(seed),
    });
    expect(killed.code, `seed ${seed}: ${killed.stderr}`).toBe(0);
    expect(killed.killedAt.length, `seed ${seed}`).toBeGreaterThanOrEqual(6);
    expect(essence(runDir), `seed ${seed}`).toEqual(essence(whole));
  });
});
