import { describe, expect, it } from "vitest";
import { toYaml } from "../../src/config/index.ts";
import { composeFiles } from "./conf-tree.ts";

const files = {
  "config.yaml": "hydra:\n  searchpath:\n  - pkg://@team/configs/conf\ndefaults:\n- db: shared\n- _self_\n",
  "node_modules/@team/configs/conf/db/shared.yaml": "from: package\n",
  "node_modules/plain/conf/db/dotted.yaml": "from: dots\n",
};

describe("pkg:// in the search path", () => {
  it("is a folder of an npm package", () => {
    expect(toYaml(composeFiles(files).config)).toBe("db:\n  from: package\n");
  });

  it("may be written with dots, as in Hydra", () => {
    const { config } = composeFiles(files, ["hydra.searchpath=[pkg://plain.conf]", "db=dotted"]);
    expect(toYaml(config)).toBe("db:\n  from: dots\n");
  });

  it.each(["pkg://nobody/conf", "pkg://../secrets", "pkg://plain/../../x"])(
    "warns of %s, which no package has",
    (path) => {
      const tree = { ...files, "config.yaml": "a: 1\n" };
      const words = [`hydra.searchpath=['${path}']`];
      expect(composeFiles(tree, words).warnings).toEqual([`hydra.searchpath: '${path}' is not available`]);
    },
  );
});
