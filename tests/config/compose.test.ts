import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  compose,
  explainKey,
  nodeValue,
  originText,
  parseOverride,
  resolveSetting,
  toYaml,
} from "../../src/config/index.ts";
import { composeFiles, inConfTree } from "./conf-tree.ts";

const files = {
  "config.yaml": "defaults:\n  - db: pg\n  - _self_\nlr: 0.1\nurl: ${db.host}:${db.port}\n",
  "db/pg.yaml": "host: localhost\nport: 5432\n",
  "db/mysql.yaml": "host: remote\nport: 3306\n",
  "experiment/fast.yaml": "# @package _global_\ndefaults:\n  - override /db: mysql\nlr: 0.5\n",
};

describe("compose", () => {
  it("gives every leaf its place", () => {
    const composition = composeFiles(files, ["db.port=1"]);
    const place = (path: string) =>
      originText(composition.read(path)?.origin ?? { kind: "engine", what: "" });
    expect(place("lr")).toMatch(/config\.yaml:4:5$/);
    expect(place("db.host")).toMatch(/db\/pg\.yaml:1:7$/);
    expect(place("db.port")).toBe("override 1 of 1   db.port=1");
  });

  it("tells who set a key, the winner first", () => {
    const composition = composeFiles(files, ["+experiment=fast", "lr=0.9"]);
    const history = explainKey(composition, "lr").map(({ node, origin }) => [
      node && nodeValue(node),
      origin.kind,
    ]);
    expect(history).toEqual([
      [0.9, "override"],
      [0.5, "file"],
      [0.1, "file"],
    ]);
    expect(explainKey(composition, "nope")).toEqual([]);
  });

  it("lets a recipe change a choice, and a word beat the recipe", () => {
    expect(composeFiles(files, ["+experiment=fast"]).choices.get("db")).toBe("mysql");
    expect(composeFiles(files, ["+experiment=fast", "db=pg"]).choices.get("db")).toBe("pg");
  });

  it("interpolates only what is read", () => {
    const composition = composeFiles(files, ["+broken=${nowhere}"]);
    expect(resolveSetting(composition, "url")).toBe("localhost:5432");
    expect(() => resolveSetting(composition, "broken")).toThrow(/nowhere/);
  });

  it("keeps the primary's own values when its list holds only overrides", () => {
    const composition = composeFiles(
      { ...files, "config.yaml": "defaults:\n  - override hydra/job_logging: none\nlr: 0.1\n" },
      ["+db=pg"],
    );
    expect(toYaml(composition.config)).toBe("lr: 0.1\ndb:\n  host: localhost\n  port: 5432\n");
  });

  it("takes parsed overrides with typed values", () => {
    const word = parseOverride("lr='1'", 0);
    const composition = composeFiles(files, [], { overrides: [word] });
    expect(composition.read("lr")).toMatchObject({ value: "1" });
  });

  it("fills in the hydra node", () => {
    const composition = composeFiles(files, ["lr=1", "db=mysql", "hydra.job.name=x"], {
      mode: "RUN",
      job: { num: 3, id: "3" },
      cwd: "/somewhere",
    });
    expect(composition.overrides).toEqual({
      hydra: ["hydra.job.name=x", "hydra.mode=RUN"],
      task: ["lr=1", "db=mysql"],
    });
    expect(resolveSetting(composition, "hydra.job.override_dirname")).toBe("db=mysql,lr=1");
    expect(resolveSetting(composition, "hydra.job.num")).toBe(3n);
    expect(resolveSetting(composition, "hydra.runtime.cwd")).toBe("/somewhere");
    expect(resolveSetting(composition, "hydra.runtime.choices.db")).toBe("mysql");
    expect(resolveSetting(composition, "hydra.mode")).toBe("RUN");
  });

  it("warns of a bare key that erases a subtree", () => {
    const composition = composeFiles({ ...files, "config.yaml": "defaults: [db: pg, _self_]\ndb:\n" });
    expect(composition.warnings).toHaveLength(1);
    expect(composition.warnings[0]).toMatch(
      /config\.yaml:2:4: 'db:' with nothing behind it erases 'db', which .*pg\.yaml:1/,
    );
  });

  it("sees a file that changed", () => {
    inConfTree(files, (dir) => {
      const read = () => compose({ configDir: dir, configName: "config", overrides: [] }).read("lr");
      expect(read()).toMatchObject({ value: 0.1 });
      const file = join(dir, "config.yaml");
      writeFileSync(file, "lr: 0.2\n");
      utimesSync(file, new Date(), new Date(Date.now() + 5000));
      expect(read()).toMatchObject({ value: 0.2 });
    });
  });

  it("reads ${hydra:…} from the task's config", () => {
    const composition = composeFiles(files, ["+name=${hydra:job.name}"], { job: { name: "mine" } });
    expect(resolveSetting(composition, "name")).toBe("mine");
  });

  it("prints what depends on ??? as ???, where everything is resolved", () => {
    const composition = composeFiles({ "config.yaml": "a: ???\nb: x${a}\nc: 1\n" });
    expect(toYaml(composition.resolved().config)).toBe("a: ???\nb: ???\nc: 1\n");
  });

  it("agrees with itself on the clock", () => {
    const now = new Date(2026, 2, 4, 5, 6, 7);
    const composition = composeFiles(files, ["+t=${now:%Y-%m-%d_%H-%M-%S}"], { now });
    expect(resolveSetting(composition, "t")).toBe("2026-03-04_05-06-07");
  });
});
