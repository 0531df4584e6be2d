import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compose, parseOverrides, resolveSetting } from "../../src/config/index.ts";
import { createSweeper } from "../../src/sweep/index.ts";

const folder = join(import.meta.dirname, "../../src/config/hydra-conf/hydra/sweeper");

function optionsOf(group: string): string[] {
  const names = readdirSync(join(folder, group)).filter((name) => name.endsWith(".yaml"));
  return names.map((name) => name.slice(0, -".yaml".length)).sort();
}

/** The sweeper that a command line's words about the hydra node choose. */
function chosen(...words: string[]) {
  const composition = compose({ configDir: null, configName: null, overrides: words, mode: "MULTIRUN" });
  const settings = resolveSetting(composition, "hydra.sweeper");
  if (!(settings instanceof Map)) throw new Error("hydra.sweeper is no mapping");
  return createSweeper(String(settings.get("_target_")), {
    overrides: parseOverrides(["x=range(0,10)"]),
    settings: new Map([...settings].map(([key, value]) => [String(key), value])),
    groupOptions: () => [],
  });
}

describe("the options that come with the framework", () => {
  it.each(optionsOf(""))("hydra/sweeper=%s makes a sweeper", (name) => {
    expect(chosen(`hydra/sweeper=${name}`).next()).toBeTypeOf("object");
  });

  it.each(optionsOf("sampler"))("hydra/sweeper/sampler=%s makes one of Optuna's settings", (name) => {
    expect(chosen("hydra/sweeper=optuna", `hydra/sweeper/sampler=${name}`).next()).toBeTypeOf("object");
  });

  it.each(optionsOf("pruner"))("hydra/sweeper/pruner=%s goes around a search and around a grid", (name) => {
    const resource = name === "asha_promotion" ? ["hydra.sweeper.pruner.resource=epochs"] : [];
    const search = chosen("hydra/sweeper=sobol", `hydra/sweeper/pruner=${name}`, ...resource);
    const grid = chosen(`+hydra/sweeper/pruner=${name}`, ...resource);
    expect([search.next(), grid.next()].map((point) => typeof point)).toEqual(["object", "object"]);
    expect(grid.report !== undefined).toBe(name === "asha" || name === "asha_stopping");
  });
});
