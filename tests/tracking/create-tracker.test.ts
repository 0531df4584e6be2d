import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  CompositeTracker,
  createTracker,
  keepsRunFiles,
  MLflowExperimentTracker,
  SimpleExperimentTracker,
  trackerSchema,
} from "../../src/tracking/index.ts";

const conf = resolve(import.meta.dirname, "../../conf/tracker");

describe("conf/tracker", () => {
  it.each(readdirSync(conf))("%s fits the schema and keeps the run's files", (name) => {
    const text = readFileSync(join(conf, name), "utf8").replaceAll(/\$\{oc\.env:\w+,(.*)\}/g, "$1");
    expect(keepsRunFiles(createTracker(trackerSchema.parse(parse(text))))).toBe(true);
  });
});

describe("createTracker", () => {
  it.each([
    [{ name: "file" }, SimpleExperimentTracker],
    [{ name: "mlflow", uri: "http://127.0.0.1:5000" }, CompositeTracker],
    [{ name: "composite", trackers: [{ name: "file" }] }, CompositeTracker],
  ])("%j", (settings, kind) => expect(createTracker(trackerSchema.parse(settings))).toBeInstanceOf(kind));

  it("puts the files beside a server, and nothing beside what a composite lists", () => {
    const server = { name: "mlflow", uri: "http://127.0.0.1:5000" };
    const alone = createTracker(trackerSchema.parse(server)) as CompositeTracker;
    const listed = createTracker(
      trackerSchema.parse({ name: "composite", trackers: [server] }),
    ) as CompositeTracker;
    expect(alone.children.map((child) => child.constructor)).toEqual([
      SimpleExperimentTracker,
      MLflowExperimentTracker,
    ]);
    expect(listed.children.map((child) => child.constructor)).toEqual([MLflowExperimentTracker]);
  });

  it("refuses a server that is none", () => {
    const settings = trackerSchema.parse({ name: "mlflow", uri: "./mlruns" });
    expect(() => createTracker(settings)).toThrow(expect.objectContaining({ code: "MLFLOW_URI" }));
  });

  it.each([
    { name: "nothing" },
    { name: "file", folder: "x" },
    { name: "mlflow" },
    { name: "composite", trackers: [] },
  ])("%j does not fit", (settings) => {
    expect(trackerSchema.safeParse(settings).success).toBe(false);
  });
});
