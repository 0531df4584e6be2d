import { describe, expect, it } from "vitest";
import { plainView } from "../../src/config/index.ts";
import { composeFiles, errorsIn } from "./conf-tree.ts";

const files = {
  "config.yaml":
    "name: x-${db.port}\ndb: {port: 3306, tags: [a, '${name}']}\nlater: ???\nbroken: ${nobody}\n",
};

describe("plainView", () => {
  it("is the config as data, interpolated", () => {
    const config = plainView(composeFiles(files));
    expect(config["name"]).toBe("x-3306");
    expect(config["db"]).toEqual({ port: 3306, tags: ["a", "x-3306"] });
    expect(Object.keys(config)).toEqual(["name", "db", "later", "broken"]);
  });

  it.each([
    ["later", "CONFIG_MISSING_VALUE"],
    ["broken", "CONFIG_INTERPOLATION_KEY"],
  ])("complains of '%s' when that is read, and not before", (key, code) => {
    const config = plainView(composeFiles(files));
    let found: unknown;
    try {
      found = config[key];
    } catch (error) {
      found = errorsIn(error)[0]?.code;
    }
    expect(found).toBe(code);
  });
});
