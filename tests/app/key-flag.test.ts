import { describe, expect, it } from "vitest";
import { parseWords } from "../../src/app/parse-words.ts";

describe("--key value", () => {
  it.each<[string[], string[]]>([
    [["--training.learning_rate", "1e-3"], ["training.learning_rate=1e-3"]],
    [
      ["--seed", "3", "-m", "a=1"],
      ["seed=3", "a=1"],
    ],
    [["--seed=3"], ["seed=3"]],
    [["--name="], ["name="]],
    [["--rate", "-1"], ["rate=-1"]],
    [["--rate", "-.5"], ["rate=-.5"]],
    [["--tags", "[a,b]"], ["tags=[a,b]"]],
    [["--db/main", "pg"], ["db/main=pg"]],
    [["--größe", "日本"], ["größe=日本"]],
    [["--home", "~/data"], ["home=~/data"]],
    [["--cfg", "job", "--a.b", "1"], ["a.b=1"]],
    [
      ["--", "--a.b", "1"],
      ["--a.b", "1"],
    ],
  ])("%j", (argv, words) => {
    expect(parseWords(argv).words).toEqual(words);
  });

  it.each<[string[], string, RegExp]>([
    [["--a.b"], "APP_FLAG_VALUE", /^write --a\.b VALUE or a\.b=VALUE$/],
    [["--a.b", "--cfg", "job"], "APP_FLAG_VALUE", /a\.b=VALUE/],
    [["--a.b", "seed=1"], "APP_FLAG_VALUE", /a\.b=VALUE/],
    [["--a.b", "~seed"], "APP_FLAG_VALUE", /a\.b=VALUE/],
    [["--seed"], "APP_UNKNOWN_FLAG", /to set a key: seed=VALUE/],
    [["--multrun", "3"], "APP_UNKNOWN_FLAG", /did you mean --multirun/],
    [["--cnofig-name", "x"], "APP_UNKNOWN_FLAG", /--config-name/],
    [["--1a", "x"], "APP_UNKNOWN_FLAG", /--hydra-help/],
  ])("refuses %j", (argv, code, fix) => {
    expect(() => parseWords(argv)).toThrow(
      expect.objectContaining({ code, fix: expect.stringMatching(fix) }),
    );
  });
});
