import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loraDefaults, loraSchema, toLoraConfig } from "../../src/lora/index.ts";

const group = (name: string) =>
  parse(readFileSync(new URL(`../../conf/lora/${name}.yaml`, import.meta.url), "utf8")) as Record<
    string,
    unknown
  >;

describe("the config group", () => {
  const settings = loraSchema.parse({ ...group("default"), rank: 8 });

  it("becomes PEFT's keys", () => {
    expect(toLoraConfig(settings)).toEqual({
      ...loraDefaults,
      r: 8,
      lora_alpha: 16,
      target_modules: "decoder-head",
    });
  });

  it("means full fine-tuning with a rank of null", () => {
    expect(toLoraConfig({ ...settings, rank: null })).toBeNull();
  });

  it("has the schema's defaults", () => {
    expect(loraSchema.parse({ rank: 8, target_modules: "decoder-head" })).toEqual(settings);
  });

  it.each(["all_linear", "mixers"])("offers %s", (name) => {
    const { defaults: _, ...own } = group(name);
    expect(loraSchema.safeParse({ ...group("default"), rank: 8, ...own }).success).toBe(true);
  });

  it.each([
    { rank: 0 },
    { rank: 1.5 },
    { alpha: 0 },
    { dropout: 1 },
    { bias: "some" },
    { ranks: 3 },
    { target_modules: [] },
  ])("refuses %j", (wrong) => {
    expect(loraSchema.safeParse({ ...settings, ...wrong }).success).toBe(false);
  });
});
