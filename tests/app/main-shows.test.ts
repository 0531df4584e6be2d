import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { defineApp } from "../../src/app/index.ts";
import type { Fixture } from "./app-fixture.ts";
import { fixture } from "./app-fixture.ts";

let app: Fixture;
beforeEach(() => {
  app = fixture();
});
afterEach(() => app.remove());

describe("App.main, flags that show something", () => {
  it.each<[string[], string]>([
    [["--version"], "app 1.2.3\n"],
    [["--cfg", "job", "-p", "db"], "# @package db\nhost: my\nport: 3306\n"],
    [["db=pg", "--cfg", "job", "-p", "db.host"], "pg\n"],
    [["--cfg", "job", "-p", "name"], "my-1\n"],
    [["-cn", "other", "--cfg", "job", "-p", "rate"], "2.0\n"],
    [["-cd", "extra", "db=lite", "-cjob", "-p", "db.port"], "0\n"],
    [["--config-path", "extra/db", "-cn", "lite", "--cfg", "job"], "host: lite\nport: 0\n"],
    [["--cfg", "hydra", "-p", "hydra.job.name"], "app\n"],
    [["--cfg", "hydra", "-p", "hydra.run.dir"], "outputs/2026-01-02/03-04-05\n"],
    [["--cfg", "all", "-p", "hydra.overrides.task", "seed=2"], "# @package hydra.overrides.task\n- seed=2\n"],
    [
      ["--cfg", "job", "--resolve", "out=x", "seed=2"],
      "db:\n  host: my\n  port: 3306\nrate: 0.1\nseed: 2\nname: my-2\nout: x\n",
    ],
  ])("%j", async (argv, stdout) => {
    expect(await app.run(argv)).toEqual({ exit: 0, stdout, stderr: "" });
    expect(app.calls).toEqual([]);
    expect(app.has("outputs")).toBe(false);
  });

  it("--help lists groups and the config; --hydra-help the flags", async () => {
    const help = await app.run(["--help", "seed=5"]);
    expect(help.stdout).toContain("db: mysql, pg\n");
    expect(help.stdout).toContain("seed: 5\n");
    const hydra = await app.run(["--hydra-help"]);
    expect(hydra.stdout).toContain("--multirun");
    expect(hydra.stdout).toMatch(/^hydra\/launcher: basic, local/m);
  });

  it("--info says how the config came about", async () => {
    const tree = await app.run(["--info", "defaults-tree", "db=pg"]);
    expect(tree.stdout).toContain("  config:\n    db: pg\n    _self_\n");
    const list = await app.run(["-i", "defaults"]);
    expect(list.stdout).toMatch(/\| db\/mysql +\| db +\| False +\| config +\|/);
    const path = await app.run(["-i", "searchpath", "-cd", "extra"]);
    expect(path.stdout).toMatch(/\| command-line +\| \S*extra +\|/);
    const all = await app.run(["--info"]);
    expect(all.stdout).toContain("app 1.2.3");
    expect(all.stdout).toContain("seed: 1");
  });

  it("--explain says who set a key and what that overrode", async () => {
    const { stdout } = await app.run(["--explain", "db.host", "db=pg", "db.host=mine"]);
    expect(stdout).toMatch(
      /^db.host = mine\n {2}set by {4}override 2 of 2 {3}db.host=mine\n {2}over {6}pg {3}\S*conf\/db\/pg.yaml:1:7 {3}chosen by override 1 of 2 {3}db=pg\n$/,
    );
    const missing = await app.run(["--explain", "nope"]);
    expect(missing.stderr).toContain("--explain nope");
    expect(missing).toMatchObject({ exit: 1, stderr: expect.stringContaining("APP_NO_SUCH_KEY") });
  });

  it("--explain follows interpolations, tells of deletions, and takes a container leaf by leaf", async () => {
    const linked = await app.run(["--explain", "name", "seed=3"]);
    expect(linked.stdout).toContain("name = ${db.host}-${seed}\n  set by    ");
    expect(linked.stdout).toContain("  gives     my-3\n  reads     db.host = my   ");
    expect(linked.stdout).toContain("  reads     seed = 3   override 1 of 1   seed=3\n");
    const deleted = await app.run(["--explain", "rate", "~rate"]);
    expect(deleted.stdout).toMatch(
      /^rate is not in the config\n {2}deleted {3}override 1 of 1 {3}~rate\n {2}over {6}0.1 {3}\S*conf\/config.yaml:4:7\n$/,
    );
    const map = await app.run(["--explain", "db", "db.port=1"]);
    expect(map.stdout).toMatch(
      /^db:\n {2}db.host = my {3}\S*mysql.yaml:1:7 {3}chosen by \S*config.yaml:2:5\n {2}db.port = 1 {4}override 1 of 1/,
    );
  });

  it("--explain says what the schema fills in", async () => {
    const schema = z.object({ depth: z.object({ most: z.int().default(4) }).prefault({}) });
    let stdout = "";
    const host = {
      stdout: (text: string) => {
        stdout += text;
      },
    };
    const options = { name: "filled", configDir: null, configName: null, version: "1", schema };
    await defineApp(options, () => undefined).main(["--explain", "depth.most"], host);
    expect(stdout).toBe("depth.most = 4\n  set by    the schema's default\n");
  });

  it.each<[string[], string]>([
    [["--query", "$.db.port"], "db.port: 3306\n"],
    [["--query", "$..host", "db=pg"], "db.host: pg\n"],
    [["--query", "$.name"], "name: ${db.host}-${seed}\n"],
    [["--query", "$.name", "--resolve", "out=x"], "name: my-1\n"],
    [["--query", "$.l[1:]", "+l=[1,2.0,c]"], "l[1]: 2.0\nl[2]: c\n"],
    [["--query", "$.db", "--json"], '{\n  "db": {\n    "host": "my",\n    "port": 3306\n  }\n}\n'],
    [["--query", "$.db.*~"], "db.host: host\ndb.port: port\n"],
  ])("%j prints what the path finds", async (argv, stdout) => {
    expect(await app.run(argv)).toEqual({ exit: 0, stdout, stderr: "" });
  });

  it.each([
    ["$.nope", "APP_NO_SUCH_KEY"],
    ["$..[?(@.port>1)]", "CONFIG_QUERY"],
    ["$.db[(@.length-1)]", "CONFIG_QUERY"],
  ])("--query %s is refused: %s", async (path, code) => {
    const { exit, stderr } = await app.run(["--query", path]);
    expect([exit, stderr]).toEqual([1, expect.stringContaining(code)]);
  });

  it("--dry-run lists the jobs and makes nothing", async () => {
    const single = await app.run(["--dry-run", "seed=2"]);
    expect(single.stdout).toBe("1 job\n#0  outputs/2026-01-02/03-04-05  seed=2\n");
    const sweep = await app.run(["--dry-run", "-m", "seed=1,2", "db=pg"]);
    expect(sweep.stdout).toBe(
      "2 jobs\n#0  multirun/2026-01-02/03-04-05/0  seed=1  db=pg\n#1  multirun/2026-01-02/03-04-05/1  seed=2  db=pg\n",
    );
    const wrong = await app.run(["--dry-run", "-m", "seed=1,x"]);
    expect(wrong).toMatchObject({ exit: 1, stderr: expect.stringContaining("'seed'") });
    expect([app.calls, app.has("outputs"), app.has("multirun")]).toEqual([[], false, false]);
  });

  it("completes groups, options, keys, values and files", async () => {
    const complete = async (line: string) =>
      (await app.run(["-sc", "query=bash"], { COMP_LINE: line })).stdout.trim();
    expect(await complete("app d")).toBe("db. db= diff");
    expect(await complete("app db=")).toBe("db=mysql db=pg");
    expect(await complete("app -m db=pg db.ho")).toBe("db.host=");
    expect(await complete("app seed=")).toBe("seed=1");
    expect(await complete("app x=./con")).toBe("x=./conf");
    expect(await complete("app a=[ d")).toBe("db=");
  });

  it.each(["bash", "zsh", "fish"])("prints what makes %s ask for completions", async (shell) => {
    const { stdout } = await app.run(["--shell-completion", `install=${shell}`]);
    expect(stdout).toContain(`app --shell-completion query=${shell}`);
    expect((await app.run(["-sc", `uninstall=${shell}`])).exit).toBe(0);
    expect((await app.run(["-sc", "install=tcsh"])).exit).toBe(2);
  });
});
