import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { fixture } from "./app-fixture.ts";

let app: ReturnType<typeof fixture>;
beforeEach(() => {
  app = fixture(() => undefined, {
    configStore: {
      "db/strict": z.object({ host: z.string().default("here"), port: z.int().max(9999).default(1) }),
    },
  });
});
afterEach(() => app.remove());

describe("an app with a config store", () => {
  it("offers and composes what is stored", async () => {
    const { stdout, exit } = await app.run(["db=strict", "--cfg", "job", "--package", "db"]);
    expect(exit).toBe(0);
    expect(stdout).toBe("# @package db\nhost: here\nport: 1\n");
  });

  it("refuses a run whose values its schema does not take, and says which word gave them", async () => {
    const { stderr, exit } = await app.run(["db=strict", "db.port=10000"]);
    expect(exit).toBe(1);
    expect(stderr).toContain("error CONFIG_INVALID_VALUE: 'db.port' is 10000");
    expect(stderr).toContain("override 2 of 2   db.port=10000");
    expect(app.calls).toEqual([]);
  });
});
