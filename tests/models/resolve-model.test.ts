import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { formatError, Random } from "../../src/core/index.ts";
import { ModelError, type ModelSettings, modelSettings, resolveModel } from "../../src/models/index.ts";
import { dataFolder, parameterCount } from "./support.ts";

const file = join(import.meta.dirname, "../../conf/model/ttm_r2.yaml");
const shipped = modelSettings.parse(parse(readFileSync(file, "utf8")));
const checkpoint = join(dataFolder, "ttm-same-width/model");

function resolve(changes: Partial<ModelSettings>) {
  const notices: string[] = [];
  const onNotice = (notice: string) => notices.push(notice);
  const model = resolveModel({ ...shipped, ...changes }, { random: Random.fromSeed(1), onNotice });
  return { model, notices };
}

describe("the settings model=ttm_r2", () => {
  it("give R2 with random weights and a notice while no checkpoint is found", () => {
    const { model, notices } = resolve({});
    expect(model.source).toEqual({ weights: "random", path: null, sha256: null, revision: null });
    expect(parameterCount(model)).toBe(805_280);
    expect(notices).toEqual([expect.stringContaining("model.path=FOLDER")]);
  });

  it("read a folder where path names one", () => {
    const { model, notices } = resolve({ path: checkpoint, dropout: 0.5, prediction_filter_length: 4 });
    expect(model.source).toMatchObject({ weights: "path", path: checkpoint });
    expect(model.predictionLength).toBe(4);
    expect(model.config).toMatchObject({ dropout: 0.5, head_dropout: 0.3 });
    expect(notices).toEqual([]);
  });

  it("take only the configuration of the folder for random weights", () => {
    const { model, notices } = resolve({ path: checkpoint, weights: "random" });
    expect(model.source.weights).toBe("random");
    expect(model.contextLength).toBe(32);
    expect(notices).toEqual([]);
  });

  it.each(["hub", "bundled"] as const)("refuse weights=%s with what to type", (weights) => {
    try {
      resolve({ weights });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ModelError);
      if (error instanceof ModelError) expect(formatError(error)).toMatchSnapshot();
    }
  });
});
