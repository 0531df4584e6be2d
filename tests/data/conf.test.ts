import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { dataSettingsSchema, loadDataset } from "../../src/data/index.ts";

const folder = resolve(import.meta.dirname, "../../conf/data");
const read = (name: string): Record<string, unknown> => parse(readFileSync(join(folder, name), "utf8"));

test.each(readdirSync(folder))("%s holds every setting, and only valid ones", (name) => {
  const settings = read(name);
  expect(Object.keys(settings)).toEqual(Object.keys(dataSettingsSchema.shape));
  expect(dataSettingsSchema.parse(settings)).toMatchObject({ source_name: name.replace(".yaml", "") });
});

test("the shipped data loads by its own settings", async () => {
  const settings = dataSettingsSchema.parse(read("seattle_weather.yaml"));
  const dataset = await loadDataset(settings, { context: 512, horizon: 96 });
  expect(dataset.columns).toEqual(["temp_max", "temp_min", "precipitation", "wind"]);
  expect([dataset.seasonLength, dataset.notes]).toEqual([365, []]);
});
