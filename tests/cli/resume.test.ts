import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { readJson, type TinyExperiment, tinyExperiment } from "../experiment/tiny-experiment.ts";
import { essence, killAndResume } from "./kill-and-resume.ts";
import { runHere, runProcess } from "./run-ttm.ts";

let tiny: TinyExperiment;
beforeAll(async () => {
  tiny = await tinyExperiment();
});
afterAll(() => tiny.remove());

const folder = (name: string) => join(tiny.root, name);

describe("ttm --resume", () => {
  it("after kill -9 gives the points, numbers and adapter of a run that was never broken off", async () => {
    // dropout, a moving average and a plateau have state of their own; 4 epochs of 12 steps
    const words = [
      ...tiny.words,
      "training.num_epochs=4",
      "lora.dropout=0.2",
      "training.ema_decay=0.9",
      "training.checkpoint_every_steps=5",
      "scheduler=plateau",
      "scheduler.patience=0",
      "scheduler.threshold=0.5",
    ];
    const whole = await runHere([...words, `hydra.run.dir=${folder("whole")}`]);
    expect(whole.code, whole.stderr).toBe(0);
    const runDir = folder("killed");
    const seed = Date.now() % 1_000_000;
    const killed = await killAndResume({
      words: [...words, `hydra.run.dir=${runDir}`],
      runDir,
      kills: 2,
      steps: 48,
      random: Random.fromSeed(seed),
    });
    expect(killed.code, `seed ${seed}: ${killed.stderr}`).toBe(0);
    expect(killed.killedAt, `seed ${seed}`).toHaveLength(2);
    expect(essence(runDir), `seed ${seed}`).toEqual(essence(folder("whole")));
    expect(existsSync(join(runDir, "checkpoint.safetensors"))).toBe(false);
  });

  it("goes on after an interrupt, also from another folder than where the run was started", async () => {
    const runDir = folder("interrupted");
    const interrupt = { after: /^epoch\s+2/m, signal: "SIGINT" } as const;
    const relative = tiny.words.map((word) =>
      word.replace(tiny.csv, "waves.csv").replace(tiny.modelDir, "checkpoint"),
    );
    const words = [
      ...relative,
      "training.num_epochs=40",
      "training.patience=null",
      `hydra.run.dir=${runDir}`,
    ];
    const stopped = await runProcess(words, { cwd: tiny.root, interrupt });
    expect(stopped.code, stopped.stderr).toBe(130);
    expect(stopped.stderr).toMatch(/note .*ttm --resume .*interrupted/);
    expect(readJson(runDir, "run_summary.json").status).toBe("killed");
    const resumed = await runHere(["--resume", runDir, "--json"]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/resumed after step \d+/);
    expect(JSON.parse(resumed.stdout)).toMatchObject({
      status: "completed",
      run_id: readJson(runDir, "run_summary.json").run_id,
    });
    const whole = await runHere([
      ...tiny.words,
      ...words.slice(tiny.words.length, -1),
      `hydra.run.dir=${folder("unbroken")}`,
    ]);
    expect(whole.code, whole.stderr).toBe(0);
    const { weights, ...numbers } = essence(runDir);
    expect(numbers).toEqual({ ...essence(folder("unbroken")), weights: undefined });
    expect(weights.sha256).toBe(essence(folder("unbroken")).weights.sha256);
  });

  it("goes on with a run that was started from one plain file", async () => {
    const file = folder("plain.yaml");
    writeFileSync(
      file,
      `experiment_name: plain
model: {path: ${tiny.modelDir}}
data: {source_name: ${tiny.csv}}
training: {num_epochs: 40, batch_size: 32, learning_rate: 1e-3, mixed_precision: false, lora_rank: 2}
`,
    );
    const interrupt = { after: /^epoch\s+2/m, signal: "SIGINT" } as const;
    const stopped = await runProcess(["--config", file, "--experiment-dir", folder("plain")], { interrupt });
    expect(stopped.code, stopped.stderr).toBe(130);
    const [run = ""] = readdirSync(folder("plain/plain"));
    const resumed = await runHere(["--resume", folder(`plain/plain/${run}`)]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(readJson(folder(`plain/plain/${run}`), "run_summary.json").status).toBe("completed");
  });

  it("refuses a checkpoint of other data, and says that it is the data", async () => {
    const runDir = folder("moved");
    const interrupt = { after: /^epoch\s+1/m, signal: "SIGINT" } as const;
    const csv = folder("copy.csv");
    writeFileSync(csv, readFileSync(tiny.csv));
    const words = [...tiny.words, `data.path=${csv}`, "training.num_epochs=40", `hydra.run.dir=${runDir}`];
    await runProcess(words, { interrupt });
    writeFileSync(csv, readFileSync(tiny.csv, "utf8").replace("0.00000", "0.50000"));
    const { code, stderr } = await runHere(["--resume", runDir]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("another experiment: data differs")]);
  });

  it("refuses a run that was completed", async () => {
    const { code, stderr } = await runHere(["--resume", folder("whole")]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("EXPERIMENT_NOTHING_TO_RESUME")]);
    expect(stderr).toContain("ttm rerun");
  });

  it("takes no overrides: they would make it another run", async () => {
    const { code, stderr } = await runHere(["--resume", folder("whole"), "training.batch_size=8"]);
    expect(code).toBe(2);
    expect(stderr).toContain("APP_FLAG_CONFLICT");
    expect(stderr).toContain(`ttm rerun ${folder("whole")} training.batch_size=8`);
  });

  it("says that a folder is no run's", async () => {
    const { code, stderr } = await runHere(["--resume", tiny.root]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("APP_NO_SAVED_RUN")]);
  });
});
