import { describe, expect, it } from "vitest";
import { z } from "zod";
import { validate } from "../../src/config/index.ts";
import { formatError } from "../../src/core/index.ts";
import { composeFiles, errorsIn } from "./conf-tree.ts";

const schema = z.strictObject({
  lr: z.number().positive(),
  mode: z.enum(["fast", "slow"]),
  nested: z.strictObject({ rank: z.int().nullable(), names: z.array(z.string()) }),
});

const files = {
  "config.yaml": "defaults: [nested: a, _self_]\nlr: 1e-3\nmode: fast\n",
  "nested/a.yaml": "rank: 8\nnames: [x, y]\n",
};

function faults(words: readonly string[], changed: Record<string, string> = {}): string[] {
  try {
    validate(composeFiles({ ...files, ...changed }, words), schema);
  } catch (error) {
    return errorsIn(error).map((fault) =>
      formatError(fault).replaceAll(/\/\S*\/(?=config\.yaml|nested\/)/g, "conf/"),
    );
  }
  return [];
}

describe("validate", () => {
  it("gives the typed value", () => {
    expect(validate(composeFiles(files), schema)).toEqual({
      lr: 0.001,
      mode: "fast",
      nested: { rank: 8, names: ["x", "y"] },
    });
  });

  it("names key, value, expectation and line", () => {
    expect(faults([], { "nested/a.yaml": "rank: eight\nnames: [x]\n" })).toEqual([
      "error CONFIG_INVALID_VALUE: 'nested.rank' is \"eight\": expected a number\n" +
        "  at   conf/nested/a.yaml:1:7\n" +
        "  fix  correct it there, or on the command line: nested.rank=VALUE",
    ]);
  });

  it("names the word", () => {
    expect(faults(["lr=-1", "mode=fats"])).toEqual([
      "error CONFIG_INVALID_VALUE: 'lr' is -1: expected number above 0\n" +
        "  at   override 1 of 2   lr=-1\n" +
        "  fix  correct it there, or on the command line: lr=VALUE",
      "error CONFIG_INVALID_VALUE: 'mode' is \"fats\": expected one of fast, slow\n" +
        "  at   override 2 of 2   mode=fats\n" +
        "  fix  mode=fast",
    ]);
  });

  it("refuses unknown keys with the nearest one", () => {
    const [fault] = faults(["+nested.rnak=1"]);
    expect(fault).toBe(
      "error CONFIG_UNKNOWN_KEY: 'nested.rnak' is no key of this config\n" +
        "  at   override 1 of 1   +nested.rnak=1\n" +
        "  fix  did you mean 'rank'?",
    );
  });

  it("lists the keys that there are, where none is near", () => {
    expect(faults(["+nested.zzz=1"])).toEqual([
      "error CONFIG_UNKNOWN_KEY: 'nested.zzz' is no key of this config\n" +
        "  at   override 1 of 1   +nested.zzz=1\n" +
        "  fix  leave the word out; the keys here are: rank, names",
    ]);
  });

  it("tells a fault where the value was given, not where it is repeated", () => {
    const copy = { "config.yaml": "defaults: [nested: a, _self_]\nlr: ${nested.rank}\nmode: fast\n" };
    expect(faults(["nested.rank=x"], copy)).toEqual([
      "error CONFIG_INVALID_VALUE: 'nested.rank' is \"x\": expected a number\n" +
        "  at   override 1 of 1   nested.rank=x\n" +
        "  fix  correct it there, or on the command line: nested.rank=VALUE",
    ]);
  });

  it("says that a mandatory value is missing, once", () => {
    const [fault, ...others] = faults([], { "nested/a.yaml": "rank: ???\nnames: []\n" });
    expect(others).toEqual([]);
    expect(fault).toContain(
      "error CONFIG_MISSING_VALUE: 'nested.rank' has no value\n  at   conf/nested/a.yaml:1:7",
    );
  });

  it("says that a key is not given", () => {
    const [fault] = faults(["~mode"]);
    expect(fault).toContain("error CONFIG_INVALID_VALUE: 'mode' is not given: expected one of fast, slow");
  });
});
