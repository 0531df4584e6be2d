import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type ConfigStore, storedData, toYaml, validateStored } from "../../src/config/index.ts";
import { composeFiles, errorsIn, type Files } from "./conf-tree.ts";

const mysql = z.object({
  driver: z.literal("mysql").default("mysql"),
  port: z.int().default(3306),
  host: z.string(),
  pool: z.object({ size: z.int().default(4), timeout: z.number().default(1.5) }),
  note: z.string().optional(),
});
const configStore: ConfigStore = { "db/mysql": mysql, "db/none": { driver: "none", tags: ["a", 1] } };
const files = { "config.yaml": "defaults:\n- db: mysql\n- _self_\n" };

/** What the store's schemas have against a composed config. */
function faultsIn(tree: Files, words: readonly string[]) {
  try {
    validateStored(composeFiles(tree, words, { configStore }), configStore);
  } catch (error) {
    return errorsIn(error);
  }
  return [];
}

describe("a config store", () => {
  it("gives a schema's defaults as a config, and ??? for what must be given", () => {
    const { config } = composeFiles(files, [], { configStore });
    expect(toYaml(config)).toBe(
      "db:\n  driver: mysql\n  port: 3306\n  host: ???\n  pool:\n    size: 4\n    timeout: 1.5\n",
    );
  });

  it("gives plain data as it is, and offers both as options", () => {
    const composition = composeFiles(files, ["db=none"], { configStore });
    expect(toYaml(composition.config)).toBe("db:\n  driver: none\n  tags:\n  - a\n  - 1\n");
    expect(composition.groupOptions("db")).toEqual(["mysql", "none"]);
    expect(composition.groups()).toContain("db");
  });

  it("stands behind all folders: a file of the name wins, and may name a schema in its defaults list", () => {
    const shadowed = composeFiles({ ...files, "db/mysql.yaml": "x: 1\n" }, [], { configStore });
    expect(toYaml(shadowed.config)).toBe("db:\n  x: 1\n");
    const extended = composeFiles(
      { "config.yaml": "defaults:\n- db: pg\n", "db/pg.yaml": "defaults:\n- none\n- _self_\ndriver: pg\n" },
      [],
      { configStore },
    );
    expect(toYaml(extended.config)).toBe("db:\n  driver: pg\n  tags:\n  - a\n  - 1\n");
  });

  it("checks with the schema what stands in its place in the end", () => {
    const faults = faultsIn(files, ["db.port=x", "db.pool.size=1.5"]);
    expect(faults.map(({ code }) => code)).toEqual(["CONFIG_INVALID_VALUE", "CONFIG_INVALID_VALUE"]);
    expect(faults[0]?.message).toContain("'db.port' is \"x\"");
    expect(faults[1]?.message).toContain("'db.pool.size' is 1.5");
  });

  it("checks it where a package puts it, and says nothing of what is still missing", () => {
    const placed = { "config.yaml": "defaults:\n- db@a.b: mysql\n- _self_\n" };
    expect(faultsIn(placed, [])).toEqual([]);
    expect(faultsIn(placed, ["a.b.port=null"])[0]?.message).toContain("'a.b.port' is null");
  });

  it("is known as the source 'structured://', last of the search path", () => {
    const composition = composeFiles(files, [], { configStore });
    expect(composition.searchPath.at(-1)).toMatchObject({ provider: "schema", path: "structured://" });
    expect(toYaml(composition.hydra)).toContain("- path: ''\n    schema: structured\n    provider: schema\n");
  });

  it("can be handed on as data", () => {
    expect(storedData(configStore)).toEqual({
      "db/mysql": { driver: "mysql", port: 3306, host: "???", pool: { size: 4, timeout: 1.5 } },
      "db/none": { driver: "none", tags: ["a", 1] },
    });
  });
});
