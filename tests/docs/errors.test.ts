import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./doc-blocks.ts";

/** The codes of every closed union in the rooms' `errors.ts`. */
function knownCodes(): string[] {
  const source = join(root, "src");
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === "errors.ts")
    .flatMap((entry) => {
      const text = readFileSync(join(entry.parentPath, entry.name), "utf8");
      const unions = [...text.matchAll(/export type \w+Code\s*=([^;]*);/g)].map(([, union = ""]) => union);
      return unions.flatMap((union) =>
        [...union.matchAll(/"([A-Z][A-Z0-9_]*)"/g)].map(([, code = ""]) => code),
      );
    });
}

const page = readFileSync(join(root, "docs/errors.md"), "utf8");
const documented = [...page.matchAll(/^\| `([A-Z][A-Z0-9_]*)` \| (\S.*) \| (\S.*) \|$/gm)].map(
  ([, code = ""]) => code,
);

describe("docs/errors.md", () => {
  it("finds the codes", () => expect(knownCodes().length).toBeGreaterThan(100));

  it("has a row with cause and remedy for every code, and none for others", () => {
    expect(documented.toSorted()).toEqual(knownCodes().toSorted());
  });
});
