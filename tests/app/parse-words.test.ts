import { describe, expect, it } from "vitest";
import type { FlagName } from "../../src/app/flags.ts";
import { flags, flagsHelp } from "../../src/app/flags.ts";
import { parseWords } from "../../src/app/parse-words.ts";

describe("parseWords", () => {
  it.each<[string[], string[], FlagName[]]>([
    [["a=1", "--cfg", "job", "b=2"], ["a=1", "b=2"], ["cfg"]],
    [["-m", "a=1,2"], ["a=1,2"], ["multirun"]],
    [["--", "--cfg", "a=1"], ["--cfg", "a=1"], []],
    [["--cfg=job", "~a"], ["~a"], ["cfg"]],
    [["-cjob"], [], ["cfg"]],
    [["--re", "--cfg", "job"], [], ["resolve", "cfg"]],
    [["-h", "a=1"], ["a=1"], ["help"]],
    [["--dry-run", "-m"], [], ["dryRun", "multirun"]],
    [["-"], ["-"], []],
    [[""], [""], []],
  ])("%j", (argv, words, set) => {
    const line = parseWords(argv);
    expect(line.words).toEqual(words);
    for (const name of Object.keys(flags) as FlagName[])
      expect([name, line.isSet(name)]).toEqual([name, set.includes(name)]);
  });

  it("reads values, also attached; the last counts", () => {
    const line = parseWords([
      "-cn",
      "other",
      "-cd=extra",
      "--config-path=p",
      "-p",
      "db.x",
      "--cfg",
      "job",
      "-c",
      "all",
    ]);
    expect(line).toMatchObject({
      configName: "other",
      configDir: "extra",
      configPath: "p",
      package: "db.x",
      cfg: "all",
    });
  });

  it("reads --info with and without its kind", () => {
    expect(parseWords(["--info"]).info).toBe("all");
    expect(parseWords(["--info", "-cn", "x"]).info).toBe("all");
    expect(parseWords(["-i", "defaults-tree"]).info).toBe("defaults-tree");
  });

  it.each<[string[], string, RegExp]>([
    [["--bogus"], "APP_UNKNOWN_FLAG", /--hydra-help/],
    [["--multrun"], "APP_UNKNOWN_FLAG", /--multirun/],
    [["--config"], "APP_UNKNOWN_FLAG", /--config-path or --config-name or --config-dir/],
    [["--dry"], "APP_UNKNOWN_FLAG", /^did you mean --dry-run\?$/],
    [["--cfg"], "APP_FLAG_VALUE", /job\|hydra\|all/],
    [["--cfg", "nope"], "APP_FLAG_VALUE", /job\|hydra\|all/],
    [["--cfg", "-m"], "APP_FLAG_VALUE", /job/],
    [["--info", "seed=1"], "APP_FLAG_VALUE", /put --info last/],
    [["--multirun=1"], "APP_FLAG_VALUE", /--multirun/],
    [["--cfg", "job", "--info"], "APP_FLAG_CONFLICT", /keep one/],
    [["-m", "--run"], "APP_FLAG_CONFLICT", /keep one/],
    [["--resolve"], "APP_FLAG_CONFLICT", /--cfg job --resolve/],
    [["-p", "db"], "APP_FLAG_CONFLICT", /--cfg job --package db/],
  ])("refuses %j", (argv, code, fix) => {
    expect(() => parseWords(argv)).toThrow(
      expect.objectContaining({ code, fix: expect.stringMatching(fix) }),
    );
  });
});

describe("flagsHelp", () => {
  it("has a line for every flag", () => {
    expect(flagsHelp().trimEnd().split("\n")).toHaveLength(Object.keys(flags).length);
  });
});
