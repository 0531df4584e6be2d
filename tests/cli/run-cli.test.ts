import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readJson, readMetrics, type TinyExperiment, tinyExperiment } from "../experiment/tiny-experiment.ts";
import { runHere, runProcess } from "./run-ttm.ts";

let tiny: TinyExperiment;
beforeAll(async () => {
  tiny = await tinyExperiment();
});
afterAll(() => tiny.remove());

const folder = (name: string) => join(tiny.root, name);
const train = (name: string, ...words: string[]) =>
  runHere([...tiny.words, `hydra.run.dir=${folder(name)}`, ...words]);

describe("ttm", () => {
  it("shows what runs, a line an epoch, the comparison and what to do next", async () => {
    const { code, stdout, stderr } = await train("shown");
    expect([code, stdout], stderr).toEqual([0, ""]);
    expect(stderr).toMatch(/^experiment {2}waves$/m);
    expect(stderr).toMatch(/^weights {5}.*checkpoint \(sha256 [0-9a-f]{12}\)$/m);
    expect(stderr).toMatch(/^training {4}LoRA, rank 2: [\d,]+ of [\d,]+ values \(\d+\.\d\d %\)$/m);
    expect(stderr.match(/^epoch/gm)).toHaveLength(2);
    for (const row of ["seasonal naive", "zero-shot", "fine-tuned"])
      expect(stderr).toMatch(new RegExp(`^${row}.* \\d\\.\\d{6} +\\d\\.\\d{6}`, "m"));
    expect(stderr).toMatch(/^next {8}ttm evaluate .*shown$/m);
    // No terminal: no line is drawn over another.
    expect(stderr).not.toContain("\u001b");
  });

  it("writes the same to the run's log", () => {
    const files = tiny.files(folder("shown"));
    expect(files).toEqual(expect.arrayContaining(["ttm.log", ".hydra/config.yaml", "run_summary.json"]));
    expect(readJson(folder("shown"), "run_summary.json")).toMatchObject({ run_name: "shown" });
  });

  it("evaluates a run to the numbers that it printed", async () => {
    const { code, stdout } = await runHere(["evaluate", folder("shown"), "--json"]);
    const { metrics } = readJson(folder("shown"), "run_summary.json");
    expect(code).toBe(0);
    for (const [name, value] of Object.entries(JSON.parse(stdout))) expect(metrics[name]).toBe(value);
  });

  it("evaluates a model that words choose, and writes nothing", async () => {
    const { code, stdout } = await runHere(["evaluate", ...tiny.words, `output_dir=${folder("none")}`]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^zero-shot/m);
    expect(stdout).not.toContain("fine-tuned");
    expect(tiny.files(tiny.root).filter((file) => file.startsWith("none"))).toEqual([]);
  });

  it("--json prints the summary and nothing else", async () => {
    const { code, stdout } = await runProcess([...tiny.words, `hydra.run.dir=${folder("json")}`, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(readJson(folder("json"), "run_summary.json"));
  });

  it("trains from one plain file", async () => {
    const file = folder("plain.yaml");
    writeFileSync(
      file,
      `model: {path: ${tiny.modelDir}}\ndata: {source_name: ${tiny.csv}}\ntraining: {num_epochs: 1, lora_rank: 2}\nexperiment_name: plain\n`,
    );
    const { code, stdout } = await runHere([
      "--config",
      file,
      "--experiment-dir",
      folder("plain-runs"),
      "--json",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: "completed", experiment_name: "plain" });
    expect(tiny.files(folder("plain-runs")).some((name) => /^plain\/.*\/adapter\//.test(name))).toBe(true);
  });

  it.each([
    ["evaluate", /ttm evaluate/],
    ["sync", /--uri VALUE/],
  ])("%s --help explains it", async (command, text) => {
    const { code, stdout } = await runHere([command, "--help"]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(text)]);
  });
});

describe("ttm, interrupted", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "%s in the second epoch keeps the first one's adapter, marks the run and exits 130",
    async (signal) => {
      const dir = folder(signal);
      const words = [
        ...tiny.words,
        `hydra.run.dir=${dir}`,
        "training.num_epochs=5000",
        "training.patience=null",
      ];
      const ended = await runProcess(words, { interrupt: { after: /^epoch +1 /m, signal } });
      expect(ended.code).toBe(130);
      expect(ended.stderr).toContain(`interrupted by ${signal}`);
      expect(ended.stderr).toMatch(
        /^note {8}stopped; the best epoch so far \(\d+\) is kept in .*adapter; go on: .*--resume .*$/m,
      );
      expect(ended.stderr).not.toMatch(/^\s+at .*\.[tj]s:\d+/m);
      expect(readJson(dir, "run_summary.json")).toMatchObject({
        status: "killed",
        ended_at: expect.any(String),
      });
      expect(tiny.files(join(dir, "adapter"))).toContain("adapter_model.safetensors");
      expect(readMetrics(dir).filter(({ name }) => name === "val_loss").length).toBeGreaterThan(0);
    },
  );
});

describe("ttm with a server that is not there", () => {
  it("trains on, says so, and keeps everything", async () => {
    const dir = folder("offline");
    const words = [...tiny.words, `hydra.run.dir=${dir}`, "tracker=mlflow", "tracker.uri=http://127.0.0.1:9"];
    const { code, stderr } = await runProcess(words);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^warning MLFLOW_UNREACHABLE: [^\n]*\n {2}at [^\n]*127\.0\.0\.1:9[^\n]*\n {2}fix /m,
    );
    expect(stderr).toContain(`ttm sync ${dir}`);
    expect(readJson(dir, "run_summary.json")).toMatchObject({ status: "completed" });
    expect(readMetrics(dir).length).toBeGreaterThan(70);
  });
});

describe("ttm --multirun", () => {
  it("makes a job of each value, a table that compares them, and a run that they name as parent", async () => {
    const dir = folder("sweep");
    const { code, stdout, stderr } = await runHere([
      "--multirun",
      ...tiny.words,
      "training.learning_rate=1e-4,1e-2",
      "training.num_epochs=1",
      `hydra.sweep.dir=${dir}`,
    ]);
    expect([code, stdout], stderr).toEqual([0, ""]);
    const parent = readJson(dir, "run_summary.json");
    expect(parent).toMatchObject({ status: "completed", experiment_name: "waves" });
    const runs = ["0", "1"].map((job) => readJson(dir, job, "run_summary.json"));
    expect(runs.map((run) => run.parent_run_id)).toEqual([parent.run_id, parent.run_id]);
    expect(runs.map((run) => run.run_name)).toEqual([
      "#0 training.learning_rate=0.0001",
      "#1 training.learning_rate=0.01",
    ]);
    const table = stderr.slice(stderr.lastIndexOf("\n#  learning_rate"));
    expect(table).toMatch(/^0 {2}0\.0001 +completed +\d/m);
    expect(table).toMatch(/^1 {2}0\.01 +completed +\d/m);
    expect(table).toMatch(/^best {3}#1 {2}\d\.\d+ {2}training.learning_rate=0.01$/m);
    expect(table).toMatch(/^next {3}ttm evaluate .*sweep\/1$/m);
  });

  it("says of a sweep which job failed and why", async () => {
    const dir = folder("half");
    const { code, stderr } = await runHere([
      "-m",
      ...tiny.words,
      "data.target_columns=[load],[lode]",
      "training.num_epochs=0",
      `hydra.sweep.dir=${dir}`,
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain("error DATA_NO_COLUMN");
    expect(readJson(dir, "run_summary.json")).toMatchObject({ status: "failed" });
    expect(readJson(dir, "sweep.json")).toMatchObject({
      jobs: [{ status: "completed" }, { status: "failed" }],
    });
  });
});
