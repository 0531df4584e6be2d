import { describe, expect, it } from "vitest";
import { nodeValue, originText, toYaml } from "../../src/config/index.ts";
import { composeFiles, faultsOf } from "./conf-tree.ts";

const files = {
  "config.yaml":
    "tags: [a, b]\nempty: []\nnone: null\ntext: x\nlater: ???\nlink: ${tags}\nopt: {k: 1, list: [1, 2, 3]}\n",
};

function plainAt(path: string, ...words: string[]) {
  const node = composeFiles(files, words).read(path);
  return node === undefined ? undefined : nodeValue(node);
}

describe("changes of a list on the command line", () => {
  it.each([
    ["tags=append(c)", ["a", "b", "c"]],
    ["tags=append(c,[d],{k: 1},'1')", ["a", "b", "c", ["d"], new Map([["k", 1n]]), "1"]],
    ["tags=extend_list(c)", ["a", "b", "c"]],
    ["tags=prepend(x,y)", ["x", "y", "a", "b"]],
    ["tags=insert(1,x)", ["a", "x", "b"]],
    ["tags=insert(-1,x)", ["a", "x", "b"]],
    ["tags=insert(2,x)", ["a", "b", "x"]],
    ["tags=remove(a)", ["b"]],
    ["tags=remove(b,a)", []],
    ["+tags=append(c)", ["a", "b", "c"]],
    ["++tags=append(c)", ["a", "b", "c"]],
    ["~tags.0", ["b"]],
    ["~tags.1=b", ["a"]],
    ["tags.0=z", ["z", "b"]],
    ["tags=append(${text})", ["a", "b", "${text}"]],
  ])("%s", (word, expected) => expect(plainAt("tags", word)).toEqual(expected));

  it.each([
    ["empty=append(1)", "empty", [1n]],
    ["+none=append(1)", "none", [1n]],
    ["++none=append(1)", "none", [1n]],
    ["+new.list=append(1)", "new.list", [1n]],
    ["opt.list=remove(2)", "opt.list", [1n, 3n]],
    ["~opt.list.1", "opt.list", [1n, 3n]],
    ["link=append(c)", "link", ["a", "b", "c"]],
  ])("%s sets %s", (word, path, expected) => expect(plainAt(path, word)).toEqual(expected));

  it("applies several in order", () => {
    expect(plainAt("tags", "tags=append(c)", "~tags.0", "tags=prepend(z)")).toEqual(["z", "b", "c"]);
  });

  it("says who made the list", () => {
    const node = composeFiles(files, ["tags=append(c)"]).read("tags");
    expect(node && originText(node.origin)).toBe("override 1 of 1   tags=append(c)");
    expect(node?.kind === "list" && node.items.map(({ origin }) => origin.kind)).toEqual([
      "file",
      "file",
      "override",
    ]);
  });

  it.each([
    ["nope=append(1)", /CONFIG_SET.*no list at 'nope'/, /\+nope=append\(1\)/],
    ["none=append(1)", /CONFIG_SET.*no list/, /\+none=append\(1\)/],
    ["text=append(1)", /CONFIG_SET.*'text' is no list/, /text=\[1\]/],
    ["+text=append(1)", /CONFIG_SET.*'text' is no list/, /text=\[1\]/],
    ["opt=append(1)", /CONFIG_SET.*'opt' is no list/, /opt=\[1\]/],
    ["tags=remove(c)", /CONFIG_SET.*holds no 'c'/, /its items are: 'a', 'b'/],
    ["tags=insert(3,x)", /CONFIG_SET.*2 items/, /use -2 to 2/],
    ["~tags.5", /CONFIG_DELETE/, /./],
    ["~tags.0=b", /CONFIG_DELETE.*'a', not 'b'/, /~tags\.0/],
    ["tags=append(${)", /OVERRIDE_SYNTAX|CONFIG_INTERPOLATION_SYNTAX/, /./],
  ])("refuses %s", (word, what, fix) => {
    const [fault = ""] = faultsOf(files, [word]);
    expect(fault.split("\n")[0]).toMatch(what);
    expect(fault).toMatch(new RegExp(`fix  .*${fix.source}`));
  });

  it("does not take a change for the option of a group", () => {
    const [fault] = faultsOf({ "config.yaml": "defaults: [db: pg]\n", "db/pg.yaml": "a: 1\n" }, [
      "db=append(x)",
    ]);
    expect(fault).toMatch(/CONFIG_GROUP_VALUE[\s\S]*\+db=one/);
  });

  it("adds a folder to hydra.searchpath", () => {
    const conf = { "config.yaml": "hydra: {searchpath: [one]}\n" };
    const { searchPath, warnings } = composeFiles(conf, ["hydra.searchpath=append(two)"]);
    expect(warnings.join()).toMatch(/'one'.*'two'/);
    expect(searchPath.map(({ provider }) => provider)).not.toContain("hydra.searchpath in main");
  });
});

const base = "tags: [a, b]\nopt: {k: 1, deep: {x: 1, y: 2}}\nnone: null\n";

function merged(later: string): string {
  const tree = { "config.yaml": "defaults: [base, _self_, later]\n", "base.yaml": base, "later.yaml": later };
  return toYaml(composeFiles(tree).config);
}

describe("markers in files", () => {
  it.each([
    ["tags: !append [c]", "tags: [a, b, c]\nopt: {k: 1, deep: {x: 1, y: 2}}\nnone: null\n"],
    ["tags: !append c", "tags: [a, b, c]\nopt: {k: 1, deep: {x: 1, y: 2}}\nnone: null\n"],
    [
      "tags: !append\n  - c\n  - {d: 1}",
      "tags: [a, b, c, {d: 1}]\nopt: {k: 1, deep: {x: 1, y: 2}}\nnone: null\n",
    ],
    ["tags: !prepend [c]", "tags: [c, a, b]\nopt: {k: 1, deep: {x: 1, y: 2}}\nnone: null\n"],
    ["tags: !insert {at: 1, items: [c]}", "tags: [a, c, b]\nopt: {k: 1, deep: {x: 1, y: 2}}\nnone: null\n"],
    ["tags: !remove [a]", "tags: [b]\nopt: {k: 1, deep: {x: 1, y: 2}}\nnone: null\n"],
    ["tags: !replace [c]", "tags: [c]\nopt: {k: 1, deep: {x: 1, y: 2}}\nnone: null\n"],
    ["tags: !delete", "opt: {k: 1, deep: {x: 1, y: 2}}\nnone: null\n"],
    ["opt: !replace {z: 1}", "tags: [a, b]\nopt: {z: 1}\nnone: null\n"],
    ["opt: !replace {}", "tags: [a, b]\nopt: {}\nnone: null\n"],
    ["opt: {deep: !replace {z: 1}}", "tags: [a, b]\nopt: {k: 1, deep: {z: 1}}\nnone: null\n"],
    ["opt: {deep: {x: !delete , z: 3}}", "tags: [a, b]\nopt: {k: 1, deep: {y: 2, z: 3}}\nnone: null\n"],
    ["none: !append [1]", "tags: [a, b]\nopt: {k: 1, deep: {x: 1, y: 2}}\nnone: [1]\n"],
    ["new: {l: !append [1]}", "tags: [a, b]\nopt: {k: 1, deep: {x: 1, y: 2}}\nnone: null\nnew: {l: [1]}\n"],
    ["none: {a: !delete , b: 1}", "tags: [a, b]\nopt: {k: 1, deep: {x: 1, y: 2}}\nnone: {b: 1}\n"],
    [
      "tags: [{a: !delete , b: !append 1}]",
      "tags: [{b: [1]}]\nopt: {k: 1, deep: {x: 1, y: 2}}\nnone: null\n",
    ],
  ])("%s", (later, expected) => {
    expect(merged(later)).toBe(toYaml(composeFiles({ "config.yaml": expected }).config));
  });

  it("acts below a package and across experiments", () => {
    const tree = {
      "config.yaml": "defaults: [model: big, _self_, optional experiment: null]\n",
      "model/big.yaml": "layers: [1, 2]\nopt: {lr: 1, m: 2}\n",
      "experiment/e.yaml": "# @package _global_\nmodel: {layers: !append [3], opt: !replace {lr: 5}}\n",
    };
    expect(toYaml(composeFiles(tree, ["experiment=e"]).config)).toBe(
      "model:\n  layers:\n  - 1\n  - 2\n  - 3\n  opt:\n    lr: 5\n",
    );
  });

  it("warns of a deletion that finds nothing", () => {
    const { warnings } = composeFiles({ "config.yaml": "a: 1\nb: !delete\n" });
    expect(warnings).toEqual([expect.stringMatching(/config\.yaml:2:\d+: there is no 'b' to delete/)]);
  });

  it.each([
    ["a: !append", "CONFIG_YAML_TAG", ""],
    ["a: !insert [1]", "CONFIG_YAML_TAG", "!insert {at: 0"],
    ["a: !insert {at: x, items: [1]}", "CONFIG_YAML_TAG", "!insert {at: 0"],
    ["a: !delete 1", "CONFIG_YAML_TAG", "write !delete"],
    ["a: !replace 1", "CONFIG_YAML_TAG", "!replace {key: value}"],
    ["a: [!append [1]]", "CONFIG_YAML_TAG", "behind the key"],
    ["!replace {a: 1}", "CONFIG_YAML_TAG", "behind a key"],
    ["a: !apend [1]", "CONFIG_YAML_TAG", ""],
    ["!append a: 1", "CONFIG_YAML_TAG", ""],
    ["defaults: !append [_self_]", "CONFIG_DEFAULTS_INVALID", ""],
    ["tags: !remove [z]", "CONFIG_MERGE_VALUE", "its items are: none"],
  ])("refuses %j", (text, code, fix) => {
    const [fault = ""] = faultsOf({ "config.yaml": `${text}\n` });
    if (text === "a: !append") return expect(fault).toBe("");
    expect(fault).toContain(code);
    expect(fault).toContain(fix);
    return undefined;
  });

  it("says what is no list, and where it is from", () => {
    const tree = { "config.yaml": "defaults: [base, _self_]\nopt: !append [1]\n", "base.yaml": base };
    expect(faultsOf(tree)[0]).toMatch(
      /'!append' of 'opt': what is there, from conf\/base\.yaml:2:1, is a map/,
    );
  });
});

describe("a bare key", () => {
  it.each([
    ["opt:\n", 1],
    ["opt:\n  deep:\n", 1],
    ["tags:\n", 1],
    ["opt: null\n", 0],
    ["opt: ~\n", 0],
    ["none:\n", 0],
    ["new:\n", 0],
  ])("%j warns %i times", (later, times) => {
    const tree = {
      "config.yaml": "defaults: [base, _self_, later]\n",
      "base.yaml": base,
      "later.yaml": later,
    };
    expect(composeFiles(tree).warnings).toHaveLength(times);
  });
});
