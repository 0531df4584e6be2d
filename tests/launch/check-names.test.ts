import { describe, expect, it } from "vitest";
import { compose } from "../../src/config/index.ts";
import { checkNames, makeFolder } from "../../src/launch/index.ts";

const composed = (...overrides: string[]) =>
  compose({ configDir: null, configName: null, overrides, job: { name: "app" } });

describe("checkNames", () => {
  it.each([
    "hydra.job.name=a/b",
    "hydra.job.name=..",
    "hydra.output_subdir=../..",
    "hydra.output_subdir=a/../../b",
  ])("refuses %s", (word) => {
    expect(() => checkNames(composed(word))).toThrowError(expect.objectContaining({ code: "LAUNCH_NAME" }));
  });

  it.each(["hydra.job.name=a.b", "hydra.output_subdir=x/.hydra", "hydra.output_subdir=null"])(
    "takes %s",
    (word) => {
      expect(() => checkNames(composed(word))).not.toThrow();
    },
  );
});

describe("makeFolder", () => {
  it.skipIf(process.platform !== "linux")(
    "comes back from a place where nothing can be made (needs /proc)",
    () => {
      expect(() => makeFolder("/proc/ttm/x")).toThrowError(
        expect.objectContaining({ code: "LAUNCH_FOLDER" }),
      );
    },
  );
});
