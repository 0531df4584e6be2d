import { afterEach, beforeEach, describe, expect, it } from "vitest";
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
    expect(hydra.stdout).toContain("hydra/launcher: basic\n");
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
      /^db.host = mine\n {2}set by {4}override 2 of 2 {3}db.host=mine\n {2}over {6}pg {3}\S*conf\/db\/pg.yaml:1:7\n$/,
    );
    const missing = await app.run(["--explain", "nope"]);
    expect(missing).toMatchObject({ exit: 1, stderr: expect.stringContaining("APP_NO_SUCH_KEY") });
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
    expect(await complete("app d")).toBe("db. db=");
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
