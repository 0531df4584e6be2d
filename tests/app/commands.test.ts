import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { toYaml } from "../../src/app/index.ts";
import type { Fixture } from "./app-fixture.ts";
import { fixture } from "./app-fixture.ts";

let app: Fixture;
beforeEach(() => {
  app = fixture();
});
afterEach(() => app.remove());

const put = (path: string, text: string) => {
  mkdirSync(join(app.root, path, ".."), { recursive: true });
  writeFileSync(join(app.root, path), text);
};

describe("rerun", () => {
  beforeEach(async () => {
    await app.run(["db=pg", "rate=0.5", "hydra.run.dir=first", "+hydra.job.env_set.A=b"]);
    // The saved YAML is all that a rerun reads.
    put("conf/db/pg.yaml", "host: changed\nport: 1\n");
  });

  it("runs what was saved, with changes, in a folder of its own", async () => {
    const { exit, stderr } = await app.run(["rerun", "first", "seed=4"]);
    expect([exit, stderr]).toEqual([0, ""]);
    expect(app.calls.at(-1)?.config).toEqual({
      db: { host: "pg", port: 5432 },
      rate: 0.5,
      seed: 4,
      name: "pg-4",
      out: join(app.root, "first-1"),
    });
    expect(app.read("first-1/.hydra/overrides.yaml")).toBe("- db=pg\n- rate=0.5\n- seed=4\n");
    expect(app.read("first/.hydra/overrides.yaml")).toBe("- db=pg\n- rate=0.5\n");
    expect(app.read("first-1/.hydra/hydra.yaml")).toContain("env_set:\n      A: b\n");
  });

  it("takes every flag: shows, explains, sweeps", async () => {
    expect((await app.run(["rerun", "first", "--cfg", "job", "-p", "db.host"])).stdout).toBe("pg\n");
    const explained = await app.run(["rerun", "first", "--explain", "seed", "seed=9"]);
    expect(explained.stdout).toMatch(
      /^seed = 9\n {2}set by {4}override 1 of 1 {3}seed=9\n {2}over {6}1 {3}\S*first\/.hydra\/config.yaml:5:7\n$/,
    );
    expect((await app.run(["rerun", "first", "-m", "seed=1,2"])).exit).toBe(0);
    expect(app.calls.slice(-2).map(({ config }) => (config as { seed: number }).seed)).toEqual([1, 2]);
  });

  it("repeats one job of a sweep as a single run", async () => {
    await app.run(["-m", "seed=5,6", "hydra.sweep.dir=many"]);
    expect((await app.run(["rerun", "many/1"])).exit).toBe(0);
    expect(app.calls.at(-1)?.config).toMatchObject({ seed: 6 });
    expect(app.calls.at(-1)?.context).toMatchObject({ num: null, mode: "RUN" });
  });

  it.each<[string[], number, string]>([
    [["rerun"], 2, "APP_COMMAND_USAGE"],
    [["rerun", "conf"], 1, "APP_NO_SAVED_RUN"],
    [["rerun", "first", "db=mysql"], 1, "compose anew, with all words: db=pg rate=0.5 db=mysql"],
    [["rerun", "first", "sede=1"], 1, "did you mean 'seed'"],
    [["rerun", "first", "seed=x"], 1, "override 1 of 1   seed=x"],
    [["rerun", "first", "-cn", "other"], 2, "APP_FLAG_CONFLICT"],
  ])("%j says what is wrong", async (argv, exit, text) => {
    expect(await app.run(argv)).toMatchObject({ exit, stderr: expect.stringContaining(text) });
  });
});

describe("diff", () => {
  it("compares override lists key by key, with who set each", async () => {
    const { stdout } = await app.run(["diff", "db=pg seed=1", "seed=2 +extra='a b'"]);
    expect(stdout.replaceAll(app.root, "")).toBe(`- A  db=pg seed=1
+ B  seed=2 +extra='a b'

db.host
  - pg   /conf/db/pg.yaml:1:7   chosen by override 1 of 2   db=pg
  + my   /conf/db/mysql.yaml:1:7   chosen by /conf/config.yaml:2:5

db.port
  - 5432   /conf/db/pg.yaml:2:7   chosen by override 1 of 2   db=pg
  + 3306   /conf/db/mysql.yaml:2:7   chosen by /conf/config.yaml:2:5

seed
  - 1   override 2 of 2   seed=1
  + 2   override 1 of 2   seed=2

extra
  + a b   override 2 of 2   +extra='a b'

4 keys differ
`);
  });

  it("compares runs, files and primary configs; words of their own around --", async () => {
    await app.run(["seed=3", "hydra.run.dir=one"]);
    put("plain.yaml", "db: {host: my, port: 3306}\nrate: 0.1\nseed: 3.0\nname: n\nout: ''\n");
    const run = await app.run(["diff", "one", "plain.yaml", "--resolve"]);
    expect(run.stdout).toMatch(
      /seed\n {2}- 3 {5}\S*one\/.hydra\/config.yaml:5:7 {3}from seed=3\n {2}\+ 3.0 /,
    );
    expect(run.stdout).toContain("\nname\n  - my-3   ");
    expect((await app.run(["diff", "config", "other"])).stdout).toContain("6 keys differ");
    const same = await app.run(["diff", "seed=3", "rate=0.1", "--", "one"]);
    expect(same.stdout).toContain("\nno key differs\n");
  });

  it("--json gives values and places", async () => {
    const { stdout } = await app.run(["diff", "", "seed=2", "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      a: "(no overrides)",
      b: "seed=2",
      differences: [
        {
          key: "seed",
          a: { value: 1, place: join(app.root, "conf/config.yaml:5:7") },
          b: { value: 2, place: "override 1 of 1   seed=2" },
        },
      ],
    });
  });

  it.each<[string[], number, string]>([
    [["diff", "a=1"], 2, "APP_COMMAND_USAGE"],
    [["diff", "sede=1", ""], 1, "did you mean 'seed'"],
    [["diff", "./conf", ""], 1, "APP_NO_SAVED_RUN"],
  ])("%j says what is wrong", async (argv, exit, text) => {
    expect(await app.run(argv)).toMatchObject({ exit, stderr: expect.stringContaining(text) });
  });
});

describe("schema", () => {
  const accepts = (schema: string, value: unknown) =>
    z.fromJSONSchema(JSON.parse(schema) as never).safeParse(value).success;

  it("is of the composed config: interpolations and ??? fit everywhere, wrong values and keys nowhere", async () => {
    const { stdout } = await app.run(["schema"]);
    const config = { db: { host: "h", port: 1 }, rate: 1, seed: 1, name: "n", out: "" };
    expect(accepts(stdout, config)).toBe(true);
    expect(accepts(stdout, { ...config, seed: "${db.port}", rate: "???", db: "${other}" })).toBe(true);
    expect(accepts(stdout, { ...config, seed: "one" })).toBe(false);
    expect(accepts(stdout, { ...config, sede: 1 })).toBe(false);
    expect(accepts(stdout, { db: config.db })).toBe(false);
  });

  it("--group is of a group's files: each may hold a part", async () => {
    const { stdout } = await app.run(["schema", "--group", "db"]);
    expect(accepts(stdout, { host: "h" })).toBe(true);
    expect(accepts(stdout, { defaults: ["base"], port: "${p}" })).toBe(true);
    expect(accepts(stdout, { prot: 1 })).toBe(false);
    expect(await app.run(["schema", "--group", "bd"])).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining("did you mean 'db'"),
    });
  });

  it("--write puts schemas and the editors' line, which leaves package headers and the composition alone", async () => {
    put("conf/experiment/fast.yaml", "# @package _global_\n# fast, but rough\nseed: 2\n");
    put("conf/unknown/x.yaml", "a: 1\n");
    put("conf/db/crlf.yaml", "host: h\r\nport: 1\r\n");
    const composed = () => toYaml(app.app.compose(["+experiment=fast", "db=crlf"], { cwd: app.root }).config);
    const before = composed();
    const { exit, stdout, stderr } = await app.run(["schema", "--write"]);
    expect([exit, stdout]).toEqual([0, "conf/.schema/_global_.json\nconf/.schema/db.json\n"]);
    expect(stderr).toBe("unknown/x: the schema says nothing about 'unknown'; left as it is\n");
    expect(app.read("conf/experiment/fast.yaml")).toBe(
      "# @package _global_\n# yaml-language-server: $schema=../.schema/_global_.json\n# fast, but rough\nseed: 2\n",
    );
    expect(app.read("conf/db/crlf.yaml")).toBe(
      "# yaml-language-server: $schema=../.schema/db.json\r\nhost: h\r\nport: 1\r\n",
    );
    expect(app.read("conf/unknown/x.yaml")).toBe("a: 1\n");
    expect(composed()).toBe(before);
    const once = app.read("conf/config.yaml");
    await app.run(["schema", "--write"]);
    expect(app.read("conf/config.yaml")).toBe(once);
    expect(readFileSync(join(app.root, "conf/.schema/db.json"), "utf8")).toBe(
      (await app.run(["schema", "--group", "db"])).stdout,
    );
  });
});
