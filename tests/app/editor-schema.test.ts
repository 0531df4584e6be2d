import { describe, expect, it } from "vitest";
import { z } from "zod";
import { editorSchema, type JsonSchema } from "../../src/app/editor-schema.ts";

const config = z.strictObject({ tags: z.array(z.string()), db: z.strictObject({ port: z.int() }) });
const whole = z.toJSONSchema(config, { io: "input" }) as JsonSchema;

function accepts(partial: boolean, value: unknown): boolean {
  const schema = editorSchema(whole, { partial, fileKeys: [] });
  return z.fromJSONSchema(schema as never).safeParse(value).success;
}

describe("the schema of a group's files", () => {
  it.each([
    ["!append one", { tags: "one" }],
    ["!insert", { tags: { at: 0, items: ["one"] } }],
    ["!delete of a list", { tags: null }],
    ["!delete of a map", { db: null }],
    ["nothing required", {}],
  ])("takes what stands behind a tag: %s", (_, value) => {
    expect(accepts(true, value)).toBe(true);
  });

  it.each([
    { tags: { at: 0, items: [1] } },
    { tags: { at: 0 } },
    { tags: 1 },
    { db: { port: "x" } },
    { dbs: {} },
  ])("refuses %j", (value) => {
    expect(accepts(true, value)).toBe(false);
  });

  it("is laxer than that of the composed config", () => {
    expect(accepts(false, { tags: ["a"], db: { port: 1 } })).toBe(true);
    expect(accepts(false, { tags: null, db: { port: 1 } })).toBe(false);
  });
});
