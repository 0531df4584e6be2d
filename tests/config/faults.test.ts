import { describe, expect, it } from "vitest";
import type { Files } from "./conf-tree.ts";
import { faultsOf } from "./conf-tree.ts";

const base: Files = {
  "config.yaml": "defaults:\n  - db: pg\n  - _self_\nlr: 0.1\nlist: [1, 2]\nnested:\n  deep: 1\n",
  "db/pg.yaml": "driver: pg\nport: 5432\n",
  "db/mysql.yaml": "driver: mysql\n",
};

/** One row for each code that a composition can end with: files beside the base's, words, and what is printed. */
const rows: readonly [id: string, files: Files, words: readonly string[]][] = [
  ["CONFIG_YAML_SYNTAX", { "db/pg.yaml": "a: [1\n" }, []],
  ["CONFIG_YAML_SYNTAX tab", { "db/pg.yaml": "a:\t1\n" }, []],
  ["CONFIG_DUPLICATE_KEY", { "db/pg.yaml": "a: 1\nb: 2\na: 3\n" }, []],
  ["CONFIG_YAML_TAG", { "db/pg.yaml": "a: !thing 1\n" }, []],
  ["CONFIG_KEY_TYPE", { "db/pg.yaml": "null: 1\n" }, []],
  ["CONFIG_UNSUPPORTED_VALUE", { "db/pg.yaml": "a: !!set {x}\n" }, []],
  ["CONFIG_NOT_A_CONFIG", { "db/pg.yaml": "17\n" }, []],
  ["CONFIG_HEADER", { "db/pg.yaml": "# @package a b\nx: 1\n" }, []],
  ["CONFIG_INTERPOLATION_SYNTAX file", { "db/pg.yaml": "a: ${b c}\n" }, []],
  ["CONFIG_INTERPOLATION_SYNTAX word", {}, ["+z='${}'"]],
  ["CONFIG_SEARCH_PATH", {}, ["hydra.searchpath=42"]],
  ["CONFIG_PRIMARY_NOT_MAP", { "config.yaml": "- 1\n" }, []],
  ["CONFIG_DEFAULTS_INVALID type", { "config.yaml": "defaults: 5\n" }, []],
  ["CONFIG_DEFAULTS_INVALID option", { "config.yaml": "defaults:\n  - db: 1\n" }, []],
  ["CONFIG_DEFAULTS_INVALID keyword", { "config.yaml": "defaults:\n  - opitonal db: pg\n" }, []],
  ["CONFIG_DEFAULTS_INTERPOLATION", { "config.yaml": "defaults:\n  - db: ${nope}\n" }, []],
  ["CONFIG_DEFAULTS_CYCLE", { "db/pg.yaml": "defaults: [mysql]\n", "db/mysql.yaml": "defaults: [pg]\n" }, []],
  ["CONFIG_DUPLICATE_SELF", { "config.yaml": "defaults: [_self_, db: pg, _self_]\n" }, []],
  ["CONFIG_OVERRIDE_MISPLACED", { "config.yaml": "defaults:\n  - override db: mysql\n  - db: pg\n" }, []],
  ["CONFIG_UNKNOWN_OPTION word", {}, ["db=mysq"]],
  ["CONFIG_UNKNOWN_OPTION file", { "config.yaml": "defaults:\n  - db: nope\n" }, []],
  ["CONFIG_UNKNOWN_OPTION config", { "config.yaml": "defaults:\n  - other\n" }, []],
  ["CONFIG_MANDATORY_CHOICE", { "config.yaml": "defaults:\n  - db: ???\n" }, []],
  ["CONFIG_DUPLICATE_CHOICE files", { "config.yaml": "defaults:\n  - db: pg\n  - db: mysql\n" }, []],
  ["CONFIG_DUPLICATE_CHOICE word", {}, ["+db=mysql"]],
  ["CONFIG_UNKNOWN_GROUP", {}, ["dbb=mysql"]],
  ["CONFIG_UNKNOWN_GROUP package", {}, ["dbx@p=mysql"]],
  ["CONFIG_UNMATCHED_GROUP word", { "config.yaml": "lr: 1\n" }, ["db=mysql"]],
  ["CONFIG_UNMATCHED_GROUP package", {}, ["db@src=mysql"]],
  ["CONFIG_UNMATCHED_GROUP file", { "config.yaml": "defaults:\n  - db: pg\n  - override db@x: mysql\n" }, []],
  ["CONFIG_UNMATCHED_DELETION", {}, ["~db=mysql"]],
  ["CONFIG_GROUP_VALUE", {}, ["db=1"]],
  ["CONFIG_FORCE_ADD_GROUP", {}, ["++db=mysql"]],
  ["CONFIG_UNKNOWN_KEY near", {}, ["lrr=1"]],
  ["CONFIG_UNKNOWN_KEY deep", {}, ["nested.other.x=1"]],
  ["CONFIG_UNKNOWN_KEY through a value", {}, ["lr.x=1"]],
  ["CONFIG_KEY_EXISTS", {}, ["+lr=1"]],
  ["CONFIG_DELETE absent", {}, ["~lrr"]],
  ["CONFIG_DELETE value", {}, ["~lr=0.2"]],
  ["CONFIG_SET index", {}, ["list.7=1"]],
  ["CONFIG_SET type", {}, ["hydra.job.num=abc"]],
  ["CONFIG_SWEEP_AMBIGUOUS", {}, ["lr=0.1,0.2"]],
  ["CONFIG_SWEEP_NOT_MULTIRUN", {}, ["lr=choice(1,2)"]],
  ["CONFIG_MERGE_TYPE", { "db/pg.yaml": "# @package _global_\nlist: {a: 1}\n" }, []],
  ["CONFIG_MERGE_KEY", { "db/pg.yaml": "# @package _global_\nhydra: {nope: 1}\n" }, []],
  ["CONFIG_MERGE_VALUE", { "db/pg.yaml": "# @package _global_\nhydra: {job: {num: abc}}\n" }, []],
];

describe("the printed form of", () => {
  it.each(rows)("%s", (id, files, words) => {
    const [code] = id.split(" ");
    const faults = faultsOf({ ...base, ...files }, words);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`error ${code}: `);
    expect(faults[0]).toMatchSnapshot();
  });

  it("CONFIG_PRIMARY_MISSING", () => {
    const faults = faultsOf(base, [], { configName: "confg" });
    expect(faults).toEqual([
      "error CONFIG_PRIMARY_MISSING: no primary config 'confg'\n" +
        "  at   searched in conf\n" +
        "  fix  did you mean 'config'? there are: config",
    ]);
  });

  it("CONFIG_SWEEP_HYDRA", () => {
    const faults = faultsOf(base, ["hydra.job.name=a,b"], { mode: "MULTIRUN" });
    expect(faults[0]).toContain("error CONFIG_SWEEP_HYDRA: 'hydra.job.name' cannot be swept over");
  });
});

describe("one go tells", () => {
  it("every bad word", () => {
    const faults = faultsOf(base, ["lrr=1", "a b", "db=nope", "+lr=3"]);
    expect(faults.map((fault) => fault.split(":")[0])).toEqual([
      "error OVERRIDE_SYNTAX",
      "error CONFIG_UNKNOWN_OPTION",
      "error CONFIG_UNKNOWN_KEY",
      "error CONFIG_KEY_EXISTS",
    ]);
  });

  it("every kind of bad word, but not what may follow from another's fault", () => {
    const codes = (words: readonly string[], files: Files = {}) =>
      faultsOf({ ...base, ...files }, words).map((fault) => fault.split(":")[0]?.slice("error ".length));
    expect(codes(["db=mysqll", "dbb=a", "lrr=x", "+lr=3", "~zz", "y=[1", "z=foo(1)"])).toEqual([
      "OVERRIDE_SYNTAX",
      "OVERRIDE_UNKNOWN_FUNCTION",
      "CONFIG_UNKNOWN_OPTION",
      "CONFIG_UNKNOWN_GROUP",
      "CONFIG_UNKNOWN_KEY",
      "CONFIG_KEY_EXISTS",
      "CONFIG_DELETE",
    ]);
    expect(codes(["db=mysqll", "db.hots=x"])).toEqual(["CONFIG_UNKNOWN_OPTION"]);
    expect(codes(["+x={a: 1", "x.b=2"])).toEqual(["OVERRIDE_SYNTAX"]);
    const experiment = { "experiment/one.yaml": "# @package _global_\nzz: 1\n" };
    expect(codes(["+experiment=two", "zz=2"], experiment)).toEqual(["CONFIG_UNKNOWN_OPTION"]);
  });

  it("every bad value, once the files are well", () => {
    const faults = faultsOf(base, ["lrr=1", "+lr=3", "nested.depe=2", "lr=2"]);
    expect(faults.map((fault) => fault.split(":")[0])).toEqual([
      "error CONFIG_UNKNOWN_KEY",
      "error CONFIG_KEY_EXISTS",
      "error CONFIG_UNKNOWN_KEY",
    ]);
  });

  it("every bad file", () => {
    const files = {
      "config.yaml": "defaults:\n  - db: pg\n  - a: one\n  - b: ???\n",
      "a/one.yaml": "x: [\n",
      "b/one.yaml": "",
      "db/pg.yaml": "y: 1\ny: 2\n",
    };
    const codes = faultsOf(files).map((fault) => fault.split(":")[0]);
    expect(codes.sort()).toEqual([
      "error CONFIG_DUPLICATE_KEY",
      "error CONFIG_MANDATORY_CHOICE",
      "error CONFIG_YAML_SYNTAX",
    ]);
  });
});
