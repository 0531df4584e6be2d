import { describe, expect, it } from "vitest";
import { explainKey, nodeValue, resolveSetting, toPlain } from "../../src/config/index.ts";
import { composeFiles, type Files, faultsOf } from "./conf-tree.ts";

/** Expected values are Hydra 1.3.8's with OmegaConf 2.3. */
function resolved(files: Files, words: readonly string[] = []): unknown {
  return toPlain(composeFiles(files, words).resolved().config);
}

function twoFiles(one: string, two: string): Files {
  return { "config.yaml": "defaults: [one, two]\n", "one.yaml": one, "two.yaml": two };
}

describe("a map merged onto an interpolation", () => {
  it.each<[string, string, unknown]>([
    ["a: ${x}\nx: {p: 1}\n", "x: {p: 5}\na: {q: 2}\n", { a: { p: 5, q: 2 }, x: { p: 5 } }],
    ["a: ${x}\nx: {p: 1}\n", "a: {q: 2}\nx: {p: 5}\n", { a: { p: 1, q: 2 }, x: { p: 5 } }],
    ["a: ${x}\n", "x: {p: 5}\na: {q: 2}\n", { a: { p: 5, q: 2 }, x: { p: 5 } }],
    ["a: ${x}\n", "a: {q: 2}\nx: {p: 5}\n", { a: { q: 2 }, x: { p: 5 } }],
    [
      "s: {a: '${.x}', x: {p: 1}}\n",
      "s: {x: {p: 5}, a: {q: 2}}\n",
      { s: { a: { p: 5, q: 2 }, x: { p: 5 } } },
    ],
    [
      "a: ${x}\nx: ${y}\ny: {p: 1}\n",
      "y: {p: 7}\nx: {z: 1}\na: {q: 2}\n",
      { a: { p: 7, z: 1, q: 2 }, x: { p: 7, z: 1 }, y: { p: 7 } },
    ],
  ])("sees what its own file merged before it: %j, %j", (one, two, expected) => {
    expect(resolved(twoFiles(one, two))).toEqual(expected);
  });

  it("leaves the map that was referred to as it is", () => {
    const files = twoFiles("a: ${x}\nx: {p: {q: 1}}\n", "x: {p: {q: 2}}\na: {p: {q: 3}}\n");
    const { steps, config } = composeFiles(files, ["x.p.q=4", "a.p.q=5"]);
    expect(toPlain(config)).toEqual({ a: { p: { q: 5 } }, x: { p: { q: 4 } } });
    const trees = steps.slice(-5).map(({ tree }) => toPlain(tree));
    expect(trees).toEqual([
      expect.objectContaining({ a: "${x}", x: { p: { q: 1 } } }),
      expect.objectContaining({ a: { p: { q: 3 } }, x: { p: { q: 2 } } }),
      expect.objectContaining({ a: { p: { q: 3 } }, x: { p: { q: 2 } } }),
      expect.objectContaining({ a: { p: { q: 3 } }, x: { p: { q: 4 } } }),
      expect.objectContaining({ a: { p: { q: 5 } }, x: { p: { q: 4 } } }),
    ]);
  });

  it("so also in one word", () => {
    const config = resolved({ "config.yaml": "s: {a: '${s.x}', x: {p: 1, r: 2}}\n" }, [
      "s={x: {r: 5}, a: {p: 2}}",
    ]);
    expect(config).toEqual({ s: { a: { p: 2, r: 5 }, x: { p: 1, r: 5 } } });
  });
});

describe("resolving a whole config", () => {
  it.each<[string, unknown]>([
    ["d: {l: '${l}'}\nv: x${d}\nl: [1]\n", { d: { l: [1] }, v: "x{'l': [1]}", l: [1] }],
    ["v: x${d}\nd: {l: '${l}'}\nl: [1]\n", { v: "x{'l': '${l}'}", d: { l: [1] }, l: [1] }],
    ["w: ${d.l}\nd: {l: 'y${l}'}\nv: x${d}\nl: 1\n", { w: "y1", d: { l: "y1" }, v: "x{'l': 'y1'}", l: 1 }],
    ["a: '${oc.env:NOPE,{1: a, null: c}}'\n", { a: "{1: 'a', None: 'c'}" }],
    ["a: ${oc.create:null}\n", { a: null }],
  ])("goes in order and in place: %j", (yaml, expected) => {
    expect(resolved({ "config.yaml": yaml })).toEqual(expected);
  });

  it("calls a resolver of the program for each reference", () => {
    let calls = 0;
    const resolvers = { next: () => BigInt(++calls) };
    const { config } = composeFiles({ "config.yaml": "a: ${next:}\nb: ${a}\nc: ${a}\n" }, [], {
      resolvers,
    }).resolved();
    expect(toPlain(config)).toEqual({ a: 1, b: 2, c: 3 });
  });

  it("says that there is no Python", () => {
    const composition = composeFiles({ "config.yaml": "a: ${python_version:}\n" });
    expect(() => resolveSetting(composition, "a")).toThrow(
      expect.objectContaining({
        code: "CONFIG_UNKNOWN_RESOLVER",
        message: expect.stringContaining("Python"),
      }),
    );
  });

  it("tells a chain that is too long from a circle", () => {
    const chain = Array.from({ length: 300 }, (_, i) => `k${i}: \${k${i + 1}}`).join("\n");
    const fault = (yaml: string) => {
      try {
        composeFiles({ "config.yaml": yaml }).resolved();
      } catch (error) {
        return error instanceof Error ? error.message : "";
      }
      return "";
    };
    expect(fault(`${chain}\nk300: 1\n`)).toContain("200 interpolations that each refer to the next");
    expect(fault("a: ${b}\nb: ${a}\n")).toContain("refers to itself");
  });
});

describe("the hydra node", () => {
  const files = { "config.yaml": "a: 1\n" };
  const hydraAt = (path: string, words: readonly string[]) => {
    const node = composeFiles(files, words).read(path);
    return node && toPlain(node);
  };

  it.each(["~hydra.job", "~hydra.run.dir", "~hydra.job.env_set", "~hydra.launcher", "~hydra.searchpath"])(
    "keeps its own keys: %s",
    (word) => {
      expect(faultsOf(files, [word])[0]).toMatch(/^error CONFIG_DELETE: .* belongs to the engine/);
    },
  );

  it("gives up keys that are the user's", () => {
    expect(hydraAt("hydra.job.env_set", ["+hydra.job.env_set.X=1", "~hydra.job.env_set.X"])).toEqual({});
  });

  it("has no value where a group of its own is left out", () => {
    expect(hydraAt("hydra.launcher", ["~hydra/launcher"])).toBe("???");
    expect(hydraAt("hydra.job_logging", ["~hydra/job_logging"])).toBe("???");
  });

  it("has Hydra's logging options", () => {
    const none = { version: 1, root: null, disable_existing_loggers: false };
    expect(hydraAt("hydra.job_logging", ["hydra/job_logging=none"])).toEqual(none);
    expect(hydraAt("hydra.hydra_logging", ["hydra/hydra_logging=none"])).toEqual(none);
    expect(hydraAt("hydra.hydra_logging", ["hydra/hydra_logging=hydra_debug"])).toMatchObject({
      handlers: { file: { class: "logging.FileHandler", mode: "w", delay: true } },
      root: { level: "ERROR", handlers: ["file"] },
      loggers: { hydra: { level: "DEBUG" } },
    });
  });

  it("lists folders of the search path that are absent", () => {
    const sources = hydraAt("hydra.runtime.config_sources", [
      "hydra.searchpath=[file:///nope/zz,pkg://nope_pkg]",
    ]);
    const provider = "hydra.searchpath in command-line";
    expect((sources as unknown[]).slice(2)).toEqual([
      { path: "/nope/zz", schema: "file", provider },
      { path: "nope_pkg", schema: "pkg", provider },
    ]);
  });

  it("is explained as a whole with what the engine fills in", () => {
    const [last] = explainKey(composeFiles(files, [], { job: { name: "train" } }), "hydra.job");
    expect(last?.node && nodeValue(last.node)).toEqual(expect.any(Map));
    expect((nodeValue(last?.node ?? expect.fail()) as Map<string, unknown>).get("name")).toBe("train");
  });
});

describe("a fix that works", () => {
  it("for a file that ends with .yml", () => {
    const files = { "config.yaml": "defaults: [db: x]\n", "db/x.yml": "a: 1\n" };
    expect(faultsOf(files)[0]).toContain("rename 'conf/db/x.yml' to 'db/x.yaml'");
  });

  it.each(["hydra=null", "hydra=x", "~hydra"])("for %s", (word) => {
    expect(faultsOf({ "config.yaml": "a: 1\n" }, [word])[0]).toContain("hydra.run.dir=out");
    expect(faultsOf({ "config.yaml": "a: 1\n" }, ["hydra.run.dir=out"])).toEqual([]);
  });
});
