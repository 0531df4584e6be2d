import { appendFileSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ModelOrigin, ModelRegistry, parseModelUri } from "../../../src/tracking/index.ts";

const origin: ModelOrigin = {
  run_id: "r1",
  run_dir: "/runs/1",
  experiment: "e",
  user: "ada",
  config_sha256: null,
  base_weights_sha256: null,
  data_sha256: null,
  git_commit: null,
};

async function newRegistry() {
  const folder = await mkdtemp(join(tmpdir(), "ttm-registry-"));
  const model = join(folder, "run/model");
  await mkdir(model, { recursive: true });
  await writeFile(join(model, "config.json"), "{}");
  const registry = new ModelRegistry(folder);
  const register = (name = "demand") =>
    registry.register({ name, folder: model, origin, metrics: { test_mse: 0.5 } });
  return { registry, register, model };
}

describe("ModelRegistry", () => {
  it("counts versions from 1, and finds them by number, alias and as the newest", async () => {
    const { registry, register, model } = await newRegistry();
    await register();
    await register();
    await register("other");
    await registry.setAlias("demand", "champion", 1);
    const found = async (uri: string) => (await registry.resolve(uri)).version.version;
    expect(await found("models:/demand")).toBe(2);
    expect(await found("models:/demand/1")).toBe(1);
    expect(await found("models:/demand@champion")).toBe(1);
    expect((await registry.resolve("models:/other/latest")).folder).toBe(model);
    await registry.setAlias("demand", "champion", 2);
    expect(await found("models:/demand@champion")).toBe(2);
    await registry.setAlias("demand", "champion", null);
    await expect(found("models:/demand@champion")).rejects.toMatchObject({ code: "TRACKING_NO_MODEL" });
  });

  it("passes over a line that a process died in, and numbers on behind it", async () => {
    const { registry, register } = await newRegistry();
    await register();
    appendFileSync(registry.path, '{"type":"version","name":"dem');
    await register();
    expect((await registry.models()).map(({ versions }) => versions.map(({ version }) => version))).toEqual([
      [1, 2],
    ]);
  });

  it("gives every one of many writers a version of its own", async () => {
    const { registry, register } = await newRegistry();
    await Promise.all(Array.from({ length: 8 }, () => register()));
    const [model] = await registry.models();
    expect(model?.versions.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it.each(["latest", "v1", "3", "a b"])("does not take '%s' for an alias", async (alias) => {
    const { registry, register } = await newRegistry();
    await register();
    await expect(registry.setAlias("demand", alias, 1)).rejects.toMatchObject({
      code: "TRACKING_MODEL_NAME",
    });
  });

  it("says what there is when it is asked for what there is not", async () => {
    const { registry, register } = await newRegistry();
    await register();
    await expect(registry.resolve("models:/demnd")).rejects.toMatchObject({
      fix: expect.stringContaining("demand"),
    });
    await expect(registry.setAlias("demand", "best", 9)).rejects.toMatchObject({ fix: "it has: 1" });
  });
});

describe("parseModelUri", () => {
  it.each([
    ["models:/a b/3", { name: "a b", selector: "3" }],
    ["models:/demand@champion", { name: "demand", selector: "champion" }],
    ["models:/demand", { name: "demand", selector: "latest" }],
  ])("%s", (uri, parts) => expect(parseModelUri(uri)).toEqual(parts));

  it.each(["models:/", "models:/a/b", "models:/a@b@c", "models:/a/3/4"])("not %s", (uri) =>
    expect(() => parseModelUri(uri)).toThrow(expect.objectContaining({ code: "TRACKING_MODEL_NAME" })),
  );
});
