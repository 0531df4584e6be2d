import { describe, expect, it } from "vitest";
import { compose, instantiate, type TargetRegistry } from "../../src/config/index.ts";

class A {
  readonly settings: unknown;
  readonly args: readonly unknown[];
  constructor(settings: unknown, args: readonly unknown[]) {
    this.settings = settings;
    this.args = args;
  }
}

const registry: TargetRegistry = {
  "m.A": (settings, ...args) => new A(settings, args),
  fails: () => {
    throw new Error("no luck");
  },
};

const build = (text: string, callSite = {}) => {
  const composition = compose({ configDir: null, configName: null, overrides: [`+it=${text}`, "+other=7"] });
  return instantiate(composition, "it", registry, callSite);
};

describe("instantiate", () => {
  it.each<[string, string, object, unknown]>([
    ["null", "null", {}, null],
    [
      "call-site arguments",
      "{_target_: m.A, x: 1}",
      { args: [2], settings: { y: 3 } },
      new A({ x: 1, y: 3 }, [2]),
    ],
    ["_args_", "{_target_: m.A, _args_: [1, 2]}", {}, new A({}, [1, 2])],
    ["_args_ replaced", "{_target_: m.A, _args_: [1, 2]}", { args: [9] }, new A({}, [9])],
    [
      "nested in a list",
      "{_target_: m.A, l: [{_target_: m.A}, {q: 1}]}",
      {},
      new A({ l: [new A({}, []), { q: 1 }] }, []),
    ],
    ["data around it", "{a: {_target_: m.A}, b: 2}", {}, { a: new A({}, []), b: 2 }],
    ["a list", "[{_target_: m.A}, 1]", {}, [new A({}, []), 1]],
    ["interpolated", "{_target_: m.A, x: '${other}'}", {}, new A({ x: 7 }, [])],
    ["null argument", "{_target_: m.A, x: null}", {}, new A({ x: null }, [])],
    [
      "not recursive",
      "{_target_: m.A, _recursive_: false, x: {_target_: m.A}}",
      {},
      new A({ x: { _target_: "m.A" } }, []),
    ],
  ])("%s", (_name, text, callSite, expected) => {
    expect(build(text, callSite)).toEqual(expected);
  });

  it("_partial_ waits for further settings and leaves out what is missing", () => {
    const make = build("{_target_: m.A, _partial_: true, x: 1, y: '???'}") as (settings?: object) => unknown;
    expect(make({ y: 2 })).toEqual(new A({ x: 1, y: 2 }, []));
    expect(make()).toEqual(new A({ x: 1 }, []));
  });

  it.each([
    ["{_target_: m.B}", "CONFIG_UNKNOWN_TARGET", /did you mean 'm.A'/],
    ["{_target_: constructor}", "CONFIG_UNKNOWN_TARGET", /there are: m.A, fails/],
    ["{_target_: child_process.exec}", "CONFIG_UNKNOWN_TARGET", /there are/],
    ["{_target_: 5}", "CONFIG_TARGET_ARGUMENT", /registered name/],
    ["{_target_: m.A, _args_: 5}", "CONFIG_TARGET_ARGUMENT", /_args_/],
    ["{_target_: m.A, _partial_: 5}", "CONFIG_TARGET_ARGUMENT", /_partial_/],
    ["{_target_: fails}", "CONFIG_TARGET_FAILED", /it/],
    ["{_target_: m.A, x: '???'}", "CONFIG_MISSING_VALUE", /it.x=VALUE/],
  ])("%s: %s, with the word that gave it", (text, code, fix) => {
    expect(() => build(text)).toThrowError(
      expect.objectContaining({
        code,
        fix: expect.stringMatching(fix),
        where: expect.objectContaining({ text: `override 1 of 2   +it=${text}` }),
      }),
    );
  });
});
