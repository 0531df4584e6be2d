import { describe, expect, it, test } from "vitest";
import {
  elementText,
  enumerateSweep,
  functionNames,
  isSweep,
  parseOverride,
} from "../../../src/config/grammar/index.ts";
import { Random } from "../../../src/core/index.ts";

/** The text form of a value, or of each value of a sweep. */
function textOf(call: string, options: readonly string[] = [], random?: Random): string | string[] {
  const override = parseOverride(`g=${call}`, 0, random === undefined ? {} : { random });
  const { value } = override;
  if (value === null) throw new Error("no value");
  if (!isSweep(value)) return elementText(value);
  const context = { groupOptions: () => options, key: override.key, ...(random && { random }) };
  return enumerateSweep(value, context).map(elementText);
}

describe("sweeps", () => {
  test.each([
    ["choice(a,'b c',[1,2],{x: 1})", ["a", "b\\ c", "[1,2]", "{x:1}"]],
    ["choice ( true )", ["True"]],
    ["range(3)", ["0", "1", "2"]],
    ["range(4,1,-1)", ["4", "3", "2"]],
    ["range(1,4,-1)", []],
    ["range(stop=4,start=1)", ["1", "2", "3"]],
    ["range(1,stop=9,stop=3)", ["1", "2"]],
    ["range(3,null)", ["0", "1", "2"]],
    ["range(1,2,0.5)", ["1.0", "1.5"]],
    ["range(true,3)", ["1", "2"]],
    ["range(0,1,inf)", ["0.0"]],
    // the decimals as written, as in Hydra 1.4
    ["range(0.1,0.4,0.1)", ["0.1", "0.2", "0.3"]],
    ["range(0.6,0.9,0.1)", ["0.6", "0.7", "0.8"]],
    ["range(1e-4,5e-4,1e-4)", ["0.0001", "0.0002", "0.0003", "0.0004"]],
    ["range(1e16,1e16,1)", []],
  ])("%s", (call, values) => expect(textOf(call)).toEqual(values));

  test.each([
    "interval(0,1)",
    "range(1,4,0)",
    "range(0,inf)",
    "range(nan,1)",
    "range(0,1,1e-9)",
    "choice(1,2),3",
  ])("%s has no list of values", (call) => {
    expect(() => textOf(call)).toThrowError(expect.objectContaining({ code: "OVERRIDE_NOT_ENUMERABLE" }));
  });

  it("makes floats of an interval's ends, and ints by a cast", () => {
    expect(parseOverride("a=interval(0,true)", 0).value).toMatchObject({ start: 0, end: 1 });
    expect(parseOverride("a=int(interval(0.5,3.5))", 0).value).toMatchObject({ start: 0n, end: 3n });
  });

  test.each([
    ["glob(*)", ["a", "ab", "b"]],
    ["glob(a*)", ["a", "ab"]],
    ["glob([a*,'b'],exclude=a)", ["ab", "b"]],
    ["glob(x)", []],
  ])("%s chooses options of the group", (call, values) =>
    expect(textOf(call, ["a", "ab", "b"])).toEqual(values),
  );

  it("sets tags, sorted and without repeats", () => {
    expect(parseOverride("a=tag(b,a,'b',choice(1,2))", 0).value).toMatchObject({
      kind: "choice",
      tags: ["a", "b"],
    });
    expect(parseOverride("a=tag(x,sweep=interval(0,1))", 0).value).toMatchObject({
      kind: "interval",
      tags: ["x"],
    });
  });

  it("drops tags and shuffle of a cast choice or range, keeps those of an interval", () => {
    expect(parseOverride("a=int(shuffle(tag(x,choice(1.5,2))))", 0).value).toMatchObject({
      tags: [],
      shuffle: false,
    });
    expect(parseOverride("a=int(tag(x,interval(0,5)))", 0).value).toMatchObject({ tags: ["x"], end: 5n });
  });
});

describe("order", () => {
  test.each([
    ["sort(3,1,2)", ["1", "2", "3"]],
    ["sort([3,1,2])", "[1,2,3]"],
    ["sort(list=[3,1,2],reverse=true)", "[3,2,1]"],
    ["sort(a,B)", ["B", "a"]],
    ["sort('b',a)", ["a", "b"]],
    ["sort(1,true,0.5)", ["0.5", "1", "True"]],
    ["sort(1,true,1.0,reverse=true)", ["1", "True", "1.0"]],
    ["sort([[2],[1,3],[1]])", "[[1],[1,3],[2]]"],
    ["sort(x)", "x"],
    ["sort(choice(b,a))", ["a", "b"]],
    ["sort(range(4,1,-1))", ["2", "3", "4"]],
    ["sort(range(1,4),reverse=true)", ["3", "2", "1"]],
    // the last value, as in Hydra 1.4; 1.3 would give 3, 1, -1
    ["sort(range(0,5,2),reverse=true)", ["4", "2", "0"]],
    ["sort(range(5,0,-2))", ["1", "3", "5"]],
    ["sort(range(2,3,1.5),reverse=true)", ["2.0"]],
    ["shuffle(1)", "[1]"],
    ["shuffle([1])", "[1]"],
  ])("%s", (call, values) => expect(textOf(call)).toEqual(values));

  it("shuffles with the seed it is given, values kept", () => {
    const call = "shuffle(range(20))";
    const one = textOf(call, [], Random.fromSeed(7));
    expect(one).toEqual(textOf(call, [], Random.fromSeed(7)));
    expect(one).not.toEqual(textOf(call, [], Random.fromSeed(8)));
    expect([...one].sort()).toEqual([...textOf("range(20)")].sort());
  });

  it("shuffles a list when it is parsed", () => {
    const list = textOf("shuffle([1,2,3,4,5,6,7,8])", [], Random.fromSeed(1));
    expect(list).not.toBe("[1,2,3,4,5,6,7,8]");
    expect(list).toBe(textOf("shuffle([1,2,3,4,5,6,7,8])", [], Random.fromSeed(1)));
  });
});

describe("casts", () => {
  test.each([
    ["int(1.9)", "1"],
    ["int(-1.9)", "-1"],
    ["int(' 1_0 ')", "10"],
    ["int(true)", "1"],
    ["int(1e22)", "10000000000000000000000"],
    ["int([1.5,{a: '2'}])", "[1,{a:2}]"],
    ["int(value=3.5)", "3"],
    ["float(9007199254740993)", "9007199254740992.0"],
    ["float(' Infinity ')", "inf"],
    ["float('.5')", "0.5"],
    ["str(1e-5)", "1e-05"],
    ["str(true)", "true"],
    ["str({1:2})", "{1:2}"],
    ["bool(null)", "False"],
    ["bool(0.0)", "False"],
    ["bool(TRUE)", "True"],
    ["int(1,'2')", ["1", "2"]],
    ["int(range(1.5,4.5))", ["1", "2", "3"]],
    ["float(sort(2,1))", ["1.0", "2.0"]],
  ])("%s", (call, text) => expect(textOf(call)).toEqual(text));

  it("keeps the type that the text form cannot show", () => {
    expect(parseOverride("a=choice('1',str(2))", 0).value).toMatchObject({
      items: [{ value: "1" }, { value: "2" }],
    });
  });
});

describe("calls that fail", () => {
  test.each([
    "choice()",
    "choice(null)",
    "choice(choice(a))",
    "choice(range(3))",
    "range('1',4)",
    "range(1,2,3,4)",
    "range(1,start=2)",
    "range()",
    "range(1,2,null)",
    "interval(0)",
    "interval(a,b)",
    "glob()",
    "glob({a:1})",
    "tag()",
    "tag(x)",
    "tag(1,choice(a))",
    "tag(x,glob(*))",
    "tag(tags=a,sweep=choice(1))",
    "sort()",
    "sort(1,a)",
    "sort(['a','b'])",
    "sort(null,1)",
    "sort([1],reverse=1)",
    "sort(interval(0,1))",
    "sort(1,[2])",
    "shuffle(interval(0,1))",
    "shuffle(choice(1),2)",
    "int()",
    "int(null)",
    "int(abc)",
    "int('0x1F')",
    "int('1.5')",
    "int(inf)",
    "int(1,value=2)",
    "int(a=1)",
    "int(choice(1),2)",
    "int(choice(1,choice(2)))",
    "float(abc)",
    "float([null])",
    "str(null)",
    "str(range(3))",
    "str(interval(0,1))",
    "bool(yes)",
    "bool('')",
    "bool(range(3))",
    `int(\${x})`,
    "int(glob(*))",
  ])("%s", (call) => {
    expect(() => parseOverride(`a=${call}`, 0)).toThrowError(
      expect.objectContaining({ code: "OVERRIDE_BAD_CALL" }),
    );
  });

  test.each(["nope(1)", "Int(1)", "__class__(1)", "toString()", "constructor(1)", "json_str(1)"])(
    "%s is unknown",
    (call) => {
      const unknown = expect.objectContaining({ code: "OVERRIDE_UNKNOWN_FUNCTION" });
      expect(() => parseOverride(`a=${call}`, 0)).toThrowError(unknown);
    },
  );

  it("offers Hydra's functions, and ours", () => {
    const ours = ["append", "extend_list", "insert", "prepend", "remove", "zip"];
    expect(functionNames.filter((name) => !ours.includes(name)).join()).toBe(
      "bool,choice,float,glob,int,interval,range,shuffle,sort,str,tag",
    );
    expect(functionNames).toEqual(expect.arrayContaining(ours));
  });
});

describe("zip", () => {
  test.each([
    ["zip(1,a,[2],{k: 1},null)", ["1", "a", "[2]", "{k:1}", "null"]],
    ["zip(range(3))", ["0", "1", "2"]],
    ["zip(choice(a,b))", ["a", "b"]],
    ["zip(1)", ["1"]],
    ["int(zip('1','2'))", ["1", "2"]],
    ["float(zip(range(2)))", ["0.0", "1.0"]],
  ])("%s", (call, values) => {
    expect(textOf(call)).toEqual(values);
    expect(parseOverride(`g=${call}`, 0).value).toMatchObject({ zip: "" });
  });

  it("has a name, so that there can be two", () => {
    expect(parseOverride("a=zip(1,2,name=other)", 0).value).toMatchObject({ kind: "choice", zip: "other" });
  });

  test.each(["zip()", "zip(interval(0,1))", "zip(range(2),1)", "zip(1,name=2)"])("%s fails", (call) => {
    expect(() => parseOverride(`a=${call}`, 0)).toThrowError(
      expect.objectContaining({ code: "OVERRIDE_BAD_CALL" }),
    );
  });
});

describe("changes of a list", () => {
  test.each([
    ["append(a, 'b c')", "append(a,b\\ c)"],
    ["extend_list([1])", "append([1])"],
    ["prepend(null,{k: 1})", "prepend(null,{k:1})"],
    ["insert(-1, x, y)", "insert(-1,x,y)"],
    ["remove(1.0)", "remove(1.0)"],
  ])("%s", (call, text) => expect(textOf(call)).toBe(text));

  it("can be swept over", () => {
    expect(textOf("append(a),prepend(b)")).toEqual(["append(a)", "prepend(b)"]);
  });

  test.each([
    "append()",
    "insert(x)",
    "insert(0)",
    "insert(1.5,x)",
    "append(choice(1,2))",
    "[append(1)]",
    "{k: append(1)}",
    "append(append(1))",
    "int(append(1))",
    "choice(append(1))",
    "append(name=1)",
  ])("%s fails", (call) => {
    expect(() => parseOverride(`a=${call}`, 0)).toThrowError(
      expect.objectContaining({ code: "OVERRIDE_BAD_CALL" }),
    );
  });
});
