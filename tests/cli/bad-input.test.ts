import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TinyExperiment, tinyExperiment } from "../experiment/tiny-experiment.ts";
import { runHere } from "./run-ttm.ts";

let tiny: TinyExperiment;
beforeAll(async () => {
  tiny = await tinyExperiment();
});
afterAll(() => tiny.remove());

interface BadInput {
  readonly words: string[];
  readonly code: string;
  readonly exit?: number;
  /** Text that the place holds. */
  readonly at: string;
  /** Text that the fix holds. */
  readonly fix: string;
}

const short = join(mkdtempSync(join(tmpdir(), "ttm-short-")), "short.csv");
writeFileSync(
  short,
  `date,load\n${Array.from({ length: 50 }, (_, row) => `2024-01-${row + 1},1`)
    .slice(0, 30)
    .join("\n")}\n`,
);

const cases: Record<string, BadInput> = {
  "an unknown flag": { words: ["--jsn"], code: "APP_UNKNOWN_FLAG", exit: 2, at: "--jsn", fix: "--json" },
  "an unknown command": {
    words: ["evalute"],
    code: "CLI_UNKNOWN_COMMAND",
    exit: 2,
    at: "ttm evalute",
    fix: "evaluate",
  },
  "an unknown option of a command": {
    words: ["evaluate", "--foo"],
    code: "CLI_USAGE",
    exit: 2,
    at: "evaluate --foo",
    fix: "ttm evaluate",
  },
  "an option without its value": {
    words: ["--config"],
    code: "CLI_USAGE",
    exit: 2,
    at: "--config",
    fix: "--config VALUE",
  },
  "an unknown option of a group": {
    words: ["model=ttm_r3"],
    code: "CONFIG_UNKNOWN_OPTION",
    at: "model=ttm_r3",
    fix: "ttm_r2",
  },
  "an unknown group": {
    words: ["modle=ttm_r2"],
    code: "CONFIG_UNKNOWN_GROUP",
    at: "modle=ttm_r2",
    fix: "model",
  },
  "an unknown key": {
    words: ["training.epochs=1"],
    code: "CONFIG_UNKNOWN_KEY",
    at: "override 1 of 1",
    fix: "num_epochs",
  },
  "an unknown key, added": {
    words: ["+training.epochs=1"],
    code: "CONFIG_UNKNOWN_KEY",
    at: "override 1 of 1",
    fix: "num_epochs",
  },
  "a wrong type": {
    words: ["training.num_epochs=many"],
    code: "CONFIG_INVALID_VALUE",
    at: "training.num_epochs=many",
    fix: "training.num_epochs=",
  },
  "a value that is none of the choices": {
    words: ["optimizer.name=newton"],
    code: "CONFIG_INVALID_VALUE",
    at: "optimizer.name=newton",
    fix: "optimizer.name=",
  },
  "a rank of 0": {
    words: ["training.lora_rank=0"],
    code: "CONFIG_INVALID_VALUE",
    at: "training.lora_rank=0",
    fix: "training.lora_rank=",
  },
  "a path that is missing": {
    words: ["data=csv"],
    code: "CONFIG_MISSING_VALUE",
    at: "conf/data/csv.yaml:3",
    fix: "data.path=",
  },
  "a csv file that is not there": {
    words: ["data.path=nowhere.csv"],
    code: "DATA_FILE_NOT_FOUND",
    at: "nowhere.csv",
    fix: "data.path=FILE",
  },
  "a column that is not there": {
    words: ["data.target_columns=[lode]"],
    code: "DATA_NO_COLUMN",
    at: "waves.csv:1",
    fix: "load",
  },
  "too few rows": {
    words: [`data.path=${short}`],
    code: "DATA_TOO_FEW_ROWS",
    at: "short.csv",
    fix: "longer file",
  },
  "a checkpoint that is not there": {
    words: ["model.path=/nowhere"],
    code: "MODEL_NOT_FOUND",
    at: "/nowhere",
    fix: "model.path",
  },
  "weights that do not fit": {
    words: ["+model.overrides.d_model=24"],
    code: "MODEL_WEIGHTS_MISMATCH",
    at: "config.json with the overrides d_model",
    fix: "config.json",
  },
  "targets that are none": {
    words: ["lora.target_modules=[nothing]"],
    code: "LORA_NO_TARGET",
    at: "target_modules",
    fix: "lora.target_modules=",
  },
  "a tracking address that is none": {
    words: ["tracker=mlflow", "tracker.uri=./mlruns"],
    code: "MLFLOW_URI",
    at: "./mlruns",
    fix: "http://127.0.0.1:5000",
  },
  "a config file that is not there": {
    words: ["--config", "nowhere.yaml"],
    code: "EXPERIMENT_BAD_FILE",
    at: "nowhere.yaml",
    fix: "--config",
  },
  "a folder that is no run's": {
    words: ["evaluate", tmpdir()],
    code: "EXPERIMENT_BAD_FILE",
    at: tmpdir(),
    fix: "experiments/",
  },
};

/** Words that need data and a model get the tiny ones in front. */
const isRun = ({ code }: BadInput) => /^(DATA|MODEL|LORA|MLFLOW)_/.test(code);

describe("bad input", () => {
  it.each(Object.entries(cases))("%s: code, place and fix, no stack", async (_, input) => {
    const ended = await runHere([...(isRun(input) ? tiny.words : []), ...input.words]);
    const { stderr } = ended;
    expect(stderr).toContain(`error ${input.code}: `);
    expect(stderr.match(/^ {2}at {3}(.*(\n {7}.*)*)/m)?.[1]).toContain(input.at);
    expect(stderr.match(/^ {2}fix {2}(.*(\n {7}.*)*)/m)?.[1]).toContain(input.fix);
    expect(stderr).not.toMatch(/^\s+at .*\.[tj]s:\d+/m);
    expect(stderr.match(/^error /gm)).toHaveLength(1);
    expect(ended).toMatchObject({ code: input.exit ?? 1, stdout: "" });
  });

  it("says how many rows a window needs", async () => {
    const { stderr } = await runHere([...tiny.words, `data.path=${short}`]);
    expect(stderr).toContain("one window needs 42 (context 32 + horizon 10)");
  });

  it("shows all faults of a config at once", async () => {
    const { stderr } = await runHere(["training.lora_rank=0", "seed=x", "+data.foo=1"]);
    expect(stderr.match(/^error /gm)).toHaveLength(3);
  });
});
