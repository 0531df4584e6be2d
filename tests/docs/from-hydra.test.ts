import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./doc-blocks.ts";

const scripts = join(root, "scripts/conformance");

/** The names of the rules by which answers may differ from Hydra's. */
const rules = readdirSync(scripts).flatMap((name) =>
  [...readFileSync(join(scripts, name), "utf8").matchAll(/\bname: "([a-z]+(?:-[a-z]+)*)",\n\s*reason:/g)].map(
    ([, rule = ""]) => rule,
  ),
);
const page = readFileSync(join(root, "docs/from-hydra.md"), "utf8");
const documented = [...page.matchAll(/^\| `([a-z]+(?:-[a-z]+)*)` \| \S.* \| \S.* \|$/gm)].map(
  ([, rule = ""]) => rule,
);

describe("docs/from-hydra.md", () => {
  it("explains every divergence rule, and none that is not there", () => {
    expect(documented.length).toBeGreaterThan(15);
    expect(documented.toSorted()).toEqual([...new Set(rules)].toSorted());
  });
});
